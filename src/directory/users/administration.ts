import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { assertKnownGroups, type ExistingGroups } from '../groups/known-groups.ts';
import {
  LIMITABLE_ROLES,
  OnlyAdministratorsHaveAdminRoles,
  RoleCannotBeLimited,
  type Administration,
} from './admin-role.ts';
import type { UserStore } from './user-store.ts';
import { LastAdministrator, UserNotFound, type Kind, type User } from './user.ts';

export interface AdministrationOptions {
  store: UserStore;
  audit: Audit;
  transact: Transact;
  now: Clock;
  existingGroups: ExistingGroups;
}

/** Who may administer what, and where. */
export function createAdministration({ store, audit, transact, now, existingGroups }: AdministrationOptions) {
  /** @throws UserNotFound, OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited, UnknownGroup, LastAdministrator */
  async function setAdministration(actor: Actor, id: Id, administration: Administration): Promise<User> {
    return transact(async () => {
      const user = await store.find(id);
      if (!user) throw UserNotFound();
      if (user.kind !== 'administrator') throw OnlyAdministratorsHaveAdminRoles();
      assertPossibleAdminRoles({ kind: user.kind, ...administration });
      await assertKnownGroups(existingGroups, [{ ids: administration.adminScope, pointer: '#/admin_scope/group_ids' }]);
      if (isSameAdministration(user, administration)) return user;
      if (!administration.adminRoles.includes('owner')) await assertNotLastOwner(user);
      const changed = await store.setAdministration(id, administration, now());
      if (!changed) throw UserNotFound();
      const { adminRoles: roles, adminScope } = administration;
      const target = { kind: 'user', id, name: changed.username };
      await audit.record(actor, 'user.admin_roles_set', target, {
        roles,
        ...(adminScope ? { group_ids: adminScope } : {}),
      });
      return changed;
    });
  }

  /** In a transaction. @throws LastAdministrator */
  async function assertNotLastOwner({ adminRoles, status }: User): Promise<void> {
    if (!adminRoles.includes('owner') || status !== 'active') return;
    await store.lockAdministrators();
    if ((await store.count({ status: 'active', adminRole: 'owner' })) <= 1) throw LastAdministrator();
  }

  return { setAdministration, assertNotLastOwner };
}

function isSameAdministration(a: Administration, b: Administration): boolean {
  const asSet = (list: string[] | undefined) => list && new Set(list);
  const setsOf = ({ adminRoles, adminScope }: Administration) => [asSet(adminRoles), asSet(adminScope)];
  return isDeepStrictEqual(setsOf(a), setsOf(b));
}

/** @throws OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited */
export function assertPossibleAdminRoles({ kind, adminRoles, adminScope }: Administration & { kind: Kind }): void {
  if (kind !== 'administrator' && (adminRoles.length > 0 || adminScope)) throw OnlyAdministratorsHaveAdminRoles();
  const unlimited = adminScope ? adminRoles.filter((role) => !LIMITABLE_ROLES.includes(role)) : [];
  if (unlimited.length === 0) return;
  const detail = `${unlimited.join(' and ')} cannot have an admin scope`;
  throw RoleCannotBeLimited({ faults: [{ pointer: '#/admin_scope', detail }] });
}
