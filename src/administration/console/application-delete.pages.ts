import { applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { deletionPage } from './deletion.pages.ts';

/** Says who loses what with an application, and deletes it once it is confirmed. */
export const applicationDeletePage = deletionPage({
  path: '/console/applications/:client_id/delete',
  scope: 'applications:write',
  call: 'delete /v1/applications/{client_id}',
  paramsOf,
  view: async (visit, impact) =>
    applicationView(visit, await readApplication(visit), 'settings', { view: 'delete', impact }),
  leadsTo: '/console/applications',
  says: 'application_deleted',
});
