import { deletionPage, touchesOf } from './deletion.pages.ts';
import type { ConsolePage } from './frame.pages.ts';
import { groupView, paramsOf, readGroup } from './group-frame.pages.ts';

const DELETE = 'delete /v1/groups/{group_id}';

/** Which applications learn of a group, and who would lose it: the consequences of its removal, which nothing removes here. */
export const groupApplicationsPage: ConsolePage = {
  path: '/console/groups/:group_id/applications',
  scope: 'groups:read',
  show: async (visit) => {
    const group = await readGroup(visit);
    const touches = visit.can('groups:write') ? await touchesOf(visit, DELETE, paramsOf(visit)) : [];
    const readers = touches.find(({ kind }) => kind === 'applications');
    return groupView(visit, group, 'applications', { readers });
  },
};

/** Says what goes with a group, and deletes it once it is confirmed. */
export const groupDeletePage = deletionPage({
  path: '/console/groups/:group_id/delete',
  scope: 'groups:write',
  call: DELETE,
  paramsOf,
  view: async (visit, touches) => groupView(visit, await readGroup(visit), 'settings', { view: 'delete', touches }),
  leadsTo: '/console/groups',
  says: 'group_deleted',
});
