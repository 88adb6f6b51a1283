/**
 * Owns who may sign in to which application: the check, its page, and what administrators see of it.
 * Must not touch: how rules are stored (`applications/`), and memberships other than through the service it receives.
 */
import type { Module, Platform } from '../module.ts';
import type { AccessRules } from '../applications/access-rules.ts';
import type { Groups } from '../groups/groups.ts';
import type { Memberships } from '../memberships/memberships.ts';
import type { Users } from '../users/users.ts';
import { accessStep } from './access-step.ts';
import { accessEndpoints } from './application-access.api.ts';
import { createApplicationAccess, type ApplicationAccess } from './application-access.ts';

export interface ApplicationAccessModuleOptions {
  users: Pick<Users, 'get' | 'search'>;
  groups: Pick<Groups, 'withParents' | 'withSubgroups'>;
  memberships: Pick<Memberships, 'current'>;
  accessRules: AccessRules;
}

export function createApplicationAccessModule(
  _platform: Platform,
  { users, groups, memberships, accessRules }: ApplicationAccessModuleOptions,
): { service: ApplicationAccess; module: Module } {
  const access = createApplicationAccess({
    current: memberships.current,
    groupsByIds: groups.withParents,
    withSubgroups: groups.withSubgroups,
    searchUsers: users.search,
  });
  return {
    service: access,
    module: {
      name: 'application-access',
      endpoints: accessEndpoints({ rules: accessRules, access, getUser: users.get }),
      signInSteps: [accessStep(access)],
    },
  };
}
