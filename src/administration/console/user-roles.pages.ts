import type { z } from 'zod';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { effectiveReply } from '../../directory/memberships/effective.ts';
import type { ConsolePage, ConsoleVisit, One } from './frame.pages.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

export type Effective = z.output<typeof effectiveReply>;

/** Every group and role of whoever's page it is. */
export async function readEffective(visit: ConsoleVisit): Promise<Effective> {
  const call = 'get /v1/users/{user_id}/effective-groups';
  return (await visit.call<One<Effective>>(call, { params: paramsOf(visit) })).body.result;
}

/** Which roles somebody has: a customer through groups, an administrator as such. */
export const userRolesPage: ConsolePage = {
  path: '/console/users/:user_id/roles',
  scope: 'groups:read',
  show: rolesView,
};

async function rolesView(visit: ConsoleVisit): Promise<PageReply> {
  const user = await readUser(visit);
  const effective = user.kind === 'customer' ? await readEffective(visit) : undefined;
  const model = { roles: effective?.roles ?? [], isComplete: effective?.is_complete ?? true };
  return userView(visit, user, 'roles', model);
}
