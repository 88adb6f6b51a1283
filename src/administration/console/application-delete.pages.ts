import { deleteApplication } from '../../directory/applications/applications.api.ts';
import { applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { deletionPage } from './deletion.pages.ts';

/** Says who loses what with an application, and deletes it once it is confirmed. */
export const applicationDeletePage = deletionPage({
  path: '/console/applications/:client_id/delete',
  scope: 'applications:write',
  remove: (visit) => visit.call(deleteApplication, { params: paramsOf(visit) }),
  findImpact: (visit) => visit.dryRun(deleteApplication, { params: paramsOf(visit) }),
  view: async (visit, impact) =>
    applicationView(visit, await readApplication(visit), 'settings', { view: 'delete', impact }),
  leadsTo: '/console/applications',
  says: 'application_deleted',
});
