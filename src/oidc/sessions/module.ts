/**
 * Owns the lists of a user's sessions and connected applications, and how they are ended.
 * Must not touch: grants and tokens other than with the session or connection that they belong to, and consents.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Logout } from '../logout/module.ts';
import { createConnections } from './connected-applications.mongo.ts';
import { connectionImpact } from './impact.ts';
import { createSessionStore, type SessionStore } from './session-store.mongo.ts';
import { sessionEndpoints } from './sessions.api.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignOutElsewhere } from './sign-out-elsewhere.ts';

export interface SessionsModuleOptions {
  audit: Audit;
  users: Users;
  groups: Pick<Groups, 'get'>;
  applications: Applications;
  logout: Pick<Logout, 'postLogouts'>;
}

export interface SessionsService {
  sessions: Sessions;
  /** Notes that a session was proved by more methods (RFC 8176). */
  addMethods: SessionStore['addMethods'];
}

export function createSessionsModule(
  { connection, transact, hooks, contributions, now }: Platform,
  { audit, users, groups, applications, logout }: SessionsModuleOptions,
): { service: SessionsService; module: Module } {
  const store = createSessionStore(connection, logout.postLogouts);
  const connections = createConnections(connection);
  const impactOfConnections = connectionImpact({ connections, users, applications });
  const sessions = createSessions({
    open: store,
    signOutElsewhere: hooks.signOutElsewhere,
    contributions,
    applications,
    connected: connections,
    groups,
    visibleGroups: hooks.access.visibleGroups,
    audit,
    transact,
    now,
  });
  return {
    service: { sessions, addMethods: store.addMethods },
    module: {
      name: 'sessions',
      endpoints: sessionEndpoints({ sessions, users, getGroup: groups.get, signOut: hooks.signOut }),
      impactOf: async (ref) => [...(await sessions.impactOf(ref)), ...(await impactOfConnections(ref))],
      signOutElsewhere: createSignOutElsewhere({ users, sessions: store, transact }),
    },
  };
}
