import { operation, type ScaleOperation } from './operation.ts';
import { PAGE } from './pages.ts';
import { WrongPage } from './wrong-page.ts';

const anHourAgo = () => String(Math.floor(Date.now() / 1000) - 3600);

export const readOperations: ScaleOperation[] = [
  operation('user', 'GET /users/{user_id}', ({ api, draws }) => api.get(`/users/${draws.user().id}`)),
  operation('group', 'GET /groups/{group_id}', ({ api, draws }) => api.get(`/groups/${draws.group().id}`)),
  operation('role', 'GET /roles/{role_id}', ({ api, draws }) => api.get(`/roles/${draws.role().id}`)),
  operation('application', 'GET /applications/{client_id}', ({ api, draws }) =>
    api.get(`/applications/${draws.application().id}`),
  ),
  operation('groups of a user', 'GET /users/{user_id}/groups', async ({ api, draws }) => {
    const { id, memberships } = draws.user();
    const groups = await api.get(`/users/${id}/groups`);
    if (Array.isArray(groups) && groups.length === memberships.length) return;
    throw new WrongPage(`the groups of ${id}`, `${memberships.length} were expected`);
  }),
  operation('members of a group', 'GET /groups/{group_id}/members', ({ api, draws }) =>
    api.list(`/groups/${draws.group().id}/members`, { limit: PAGE }),
  ),
  operation('past: groups of a user', 'GET /users/{user_id}/groups?as_of=…', ({ api, draws }) =>
    api.get(`/users/${draws.user().id}/groups?as_of=${anHourAgo()}`),
  ),
  operation('past: members of a group', 'GET /groups/{group_id}/members?as_of=…', ({ api, draws }) =>
    api.list(`/groups/${draws.group().id}/members`, { limit: PAGE, as_of: anHourAgo() }),
  ),
  operation('residual access', 'GET /users/{user_id}/residual-access', ({ api, draws }) =>
    api.get(`/users/${draws.user().id}/residual-access`),
  ),
];
