import { listEffectiveRoles } from '../../directory/memberships/effective.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { ConsolePage, ConsoleVisit } from './frame.pages.ts';
import { given } from './forms.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

const PAGE_SIZE = '50';

/** A user's roles: a customer has them through groups, an administrator directly. */
export const userRolesPage: ConsolePage = {
  path: '/console/users/:user_id/roles',
  scope: 'groups:read',
  show: rolesView,
};

async function rolesView(visit: ConsoleVisit): Promise<PageReply> {
  const user = await readUser(visit);
  if (user.kind !== 'customer') return userView(visit, user, 'roles', { roles: [], page: {}, isComplete: true });
  const query = { ...given(visit.request.query, ['cursor']), limit: PAGE_SIZE };
  const { body: page } = await visit.call(listEffectiveRoles, { params: paramsOf(visit), query });
  return userView(visit, user, 'roles', { roles: page.result, page, isComplete: page.is_complete });
}
