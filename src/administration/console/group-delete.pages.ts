import { deleteGroup } from '../../directory/groups/groups.api.ts';
import { listApplicationsOfGroup } from '../../oidc/sessions/sessions.api.ts';
import { deletionPage } from './deletion.pages.ts';
import { given } from './forms.ts';
import type { ConsolePage } from './frame.pages.ts';
import { childrenOf } from './group-children.pages.ts';
import { groupView, paramsOf, readGroup } from './group-frame.pages.ts';

/** Which applications learn of a group. */
export const groupApplicationsPage: ConsolePage = {
  path: '/console/groups/:group_id/applications',
  scope: 'groups:read',
  show: async (visit) => {
    const group = await readGroup(visit);
    const query = given(visit.request.query, ['cursor']);
    const { body } = await visit.call(listApplicationsOfGroup, { params: paramsOf(visit), query });
    return groupView(visit, group, 'applications', { readers: body.result, page: body });
  },
};

/** Says what goes with a group, and deletes it once it is confirmed. */
export const groupDeletePage = deletionPage({
  path: '/console/groups/:group_id/delete',
  scope: 'groups:write',
  remove: (visit) => visit.call(deleteGroup, { params: paramsOf(visit) }),
  findImpact: (visit) => visit.dryRun(deleteGroup, { params: paramsOf(visit) }),
  async view(visit, impact) {
    const { body: children } = await childrenOf(visit, { limit: '20', count: 'true' });
    return groupView(visit, await readGroup(visit), 'settings', { view: 'delete', impact, children });
  },
  leadsTo: '/console/groups',
  says: 'group_deleted',
});
