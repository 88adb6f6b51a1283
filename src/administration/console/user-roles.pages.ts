import { getEffectiveGroups } from '../../directory/memberships/effective.api.ts';
import type { z } from 'zod';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { effectiveReply } from '../../directory/memberships/effective.ts';
import type { ConsolePage, ConsoleVisit } from './frame.pages.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

export type Effective = z.output<typeof effectiveReply>;

/** All groups and roles of the user of the page. */
export async function readEffective(visit: ConsoleVisit): Promise<Effective> {
  const call = getEffectiveGroups;
  return (await visit.call(call, { params: paramsOf(visit) })).body.result;
}

/** A user's roles: a customer has them through groups, an administrator directly. */
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
