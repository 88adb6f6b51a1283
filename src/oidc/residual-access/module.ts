/**
 * Owns the question which groups valid tokens may still report that a user has left, and how to end that.
 * Must not touch: grants and sessions other than through the service it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { residualAccessEndpoints } from './residual-access.api.ts';
import { createResidualAccess } from './residual-access.ts';
import { createUserGrants } from './user-grants.mongo.ts';

export interface ResidualAccessModuleOptions {
  users: Pick<Users, 'get'>;
  groups: Pick<Groups, 'withParents'>;
  memberships: Pick<Memberships, 'groupIds' | 'endedSince'>;
  applications: Pick<Applications, 'find'>;
  sessions: Pick<Sessions, 'signOutOf'>;
}

export function createResidualAccessModule(
  { config, connection, hooks, now }: Platform,
  { users, groups, memberships, applications, sessions }: ResidualAccessModuleOptions,
): { service: undefined; module: Module } {
  // Only JWTs for other APIs report anything themselves.
  const accessTokenSeconds = config.resources.length > 0 ? config.accessTokenSeconds : undefined;
  const residualAccess = createResidualAccess({
    grantsOf: createUserGrants(connection),
    endedSince: memberships.endedSince,
    groupIds: memberships.groupIds,
    groupsByIds: groups.withParents,
    visibleTo: (actor, all) => hooks.access.visibleGroups(actor, all),
    findApplication: applications.find,
    signOutOf: sessions.signOutOf,
    secondsOf: (carrier) => (carrier === 'id_token' ? config.idTokenSeconds : accessTokenSeconds),
    now,
  });
  return {
    service: undefined,
    module: {
      name: 'residual-access',
      endpoints: residualAccessEndpoints({ residualAccess, getUser: users.get }),
    },
  };
}
