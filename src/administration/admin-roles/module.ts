/**
 * Owns administrator roles, the scopes that they grant, admin scopes, and the rule that nobody grants what they do not have.
 * Must not touch: how users are stored (`users/`), and what a call does.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { User } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';
import type { FindUser } from '../../oidc/provider/request-users.ts';
import { createAdminScope } from './admin-scope.ts';
import { rightsOf } from './administrator.ts';
import { administratorEndpoints } from './administrators.api.ts';
import { createPermissions } from './permissions.ts';
import { assertMeets, createPolicy, lacking, type Policy } from './policy.ts';
import { createPresentActor } from './present-actor.ts';

export interface AdminRolesModuleOptions {
  users: Users;
  groups: Groups;
  memberships: Pick<Memberships, 'groupIds'>;
  applications: Pick<Applications, 'findStored'>;
  findUser: FindUser;
}

export interface AdminRoles {
  policy: Policy;
  /** An actor with the rights of now. @throws ActorGone */
  presentActor(actor: Actor): Promise<Actor>;
  /** The scopes of a user's administrator roles. */
  rightsOf(user: User): Pick<Actor, 'scopes' | 'adminScope'>;
}

export function createAdminRolesModule(
  { contributions }: Platform,
  { users, groups, memberships, applications, findUser }: AdminRolesModuleOptions,
): { service: AdminRoles; module: Module } {
  const adminScopes = () => Object.keys(contributions.scopes);
  const policy = createPolicy({ knownScopes: adminScopes });
  const adminScope = createAdminScope({
    groupsByIds: groups.findMany,
    childrenOf: groups.childrenOf,
    rolesOfGroups: groups.rolesOf,
  });
  const permissions = createPermissions({
    policy,
    adminScope,
    groupIds: memberships.groupIds,
    findUser,
    findGroup: groups.find,
    findApplication: applications.findStored,
  });
  return {
    service: {
      policy,
      presentActor: createPresentActor({
        findUser: users.find,
        findApplication: applications.findStored,
        knownScopes: adminScopes,
      }),
      rightsOf: (user) => rightsOf(user, adminScopes()),
    },
    module: {
      name: 'administrators',
      scopes: {
        'administrators:read': 'Read the roles of administrators.',
        'administrators:write': 'Create, change and delete administrators, and set their roles.',
      },
      endpoints: administratorEndpoints({ users, adminScopes }),
      // If this account is lost, so is access to Cohort.
      warnings: async () => {
        const owners = await users.count({ status: 'active', adminRole: 'owner' });
        return [{ code: 'one_owner', count: owners === 1 ? 1 : 0 }];
      },
      access: {
        ...permissions,
        mayChange: (actor, user) => lacking(actor, policy.changeUser(user)).length === 0,
        assertMayWrite: (actor, before, after) => assertMeets(actor, policy.writeApplication(before, after)),
        groupsInScope: async (actor, ids) => (await adminScope.part(actor, ids)).within,
        scopeGroups: adminScope.scopeGroups,
        visibleUsers: adminScope.visibleUsers,
        visibleGroups: adminScope.visibleGroups,
        visibleRoles: adminScope.visibleRoles,
      },
    },
  };
}
