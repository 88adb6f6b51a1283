import type { Registry } from 'prom-client';
import type { Config } from '../../config/schema.ts';
import { createGuard } from '../administration/admin-api/guard.ts';
import { toOpenApi } from '../administration/admin-api/openapi.ts';
import { adminApiRoom } from '../administration/admin-api/module.ts';
import { rightsOf } from '../administration/admin-roles/administrator.ts';
import { createAuthority } from '../administration/admin-roles/authority.ts';
import { createLimits } from '../administration/admin-roles/admin-scope-rules.ts';
import type { Policy } from '../administration/admin-roles/policy.ts';
import type { Reach } from '../administration/admin-roles/admin-scope.ts';
import type { Applications } from '../directory/applications/applications.ts';
import type { Audit } from '../directory/audit/audit.ts';
import type { Boxes } from '../platform/encryption.ts';
import type { Clock } from '../platform/clock.ts';
import type { Transact } from '../platform/transaction.ts';
import { consoleRoom } from '../administration/console/module.ts';
import type { Credentials } from '../authentication/credentials/credentials.ts';
import type { Database } from '../platform/db/connection.mongo.ts';
import type { Devices } from '../authentication/known-devices/known-devices.ts';
import type { OwnFactors } from '../authentication/mfa/module.ts';
import type { Groups } from '../directory/groups/groups.ts';
import { createCalls } from '../platform/http/calls.ts';
import type { Log } from '../platform/http/log.ts';
import type { Memberships } from '../directory/memberships/memberships.ts';
import { myAccountRoom } from '../my-account/module.ts';
import type { ProtocolStore } from '../oidc/provider/adapter.mongo.ts';
import type { Keys } from '../oidc/keys/keys.ts';
import type { Redemptions } from '../oidc/provider/redemptions.ts';
import { oidcRoom } from '../oidc/module.ts';
import { connectRooms, scopesOf, type Fittings } from './extension-points.ts';
import type { Room } from '../module.ts';
import type { Statistics } from '../administration/statistics/statistics.ts';
import type { createStores } from './stores.ts';
import type { Person } from '../directory/users/user.ts';
import type { Users } from '../directory/users/users.ts';
import { version } from '../platform/version.ts';
import { whereaboutsRoom } from '../oidc/sessions/module.ts';

export interface EdgesOptions {
  config: Config;
  database: Database;
  stores: ReturnType<typeof createStores>;
  /** The modules that exist already; those that are created here are added. */
  rooms: Room[];
  fittings: Fittings;
  protocolStore: ProtocolStore;
  redemptions: Redemptions;
  boxes: Boxes;
  keys: Keys;
  credentials: Credentials;
  audit: Audit;
  users: Users;
  memberships: Memberships;
  applications: Applications;
  factors: OwnFactors;
  reach: Reach;
  policy: Policy;
  getGroup: Groups['get'];
  welcome: Devices['welcome'];
  countSignIn: Statistics['count'];
  adminScopes(): string[];
  findPerson(id: string): Promise<Person | undefined>;
  signOutElsewhere(session: { userId: string; uid: string }): Promise<void>;
  transact: Transact;
  now: Clock;
  log: Log;
  collectMetrics?: ((registry: Registry) => () => Promise<string>) | undefined;
  isDatabaseLost?: (() => boolean | Promise<boolean>) | undefined;
}

/** Creates the protocol, the console, My Account and the admin API. */
export function createEdges(options: EdgesOptions) {
  const { config, database, stores, rooms, fittings, users, applications, findPerson, reach, transact, now, log } =
    options;
  const { issuer } = config;
  const adminApi = `${issuer}/v1`;
  const { find: findApplication } = applications;

  const claims = rooms.flatMap((room) => room.claims ?? []);
  const { room: open, whereabouts } = whereaboutsRoom({
    ...{ ...options, open: stores.openThings, claims, findApplication },
    readersOf: stores.connections.readersOf,
    namedIn: stores.applications.withGroup,
    visibleGroups: reach.visibleGroups,
  });
  rooms.push(open);

  const endpoints = rooms.flatMap((room) => room.endpoints ?? []);
  const document = toOpenApi({ endpoints, issuer, version, scopes: scopesOf(rooms) });
  const calls = createCalls({
    endpoints,
    preconditions: { transact, isRequired: config.requireIfMatch },
    cursors: {
      seal: (cursor) => options.boxes.seal('cursor', cursor),
      open: (sealed) => options.boxes.open('cursor', sealed),
    },
    ...createAuthority({
      policy: options.policy,
      limits: createLimits({ reach, findPerson, findGroup: stores.groups.find }),
      findPerson,
      findApplication: stores.applications.find,
    }),
  });

  const oidc = oidcRoom({
    ...{ ...options, ...fittings, adminApi, claims, findPerson, findApplication },
    store: options.protocolStore,
    consents: stores.consents,
    connections: stores.connections,
    logoutOutbox: stores.logoutOutbox,
    postLogouts: stores.postLogouts,
    steps: rooms.flatMap((room) => room.signInSteps ?? []),
    ways: rooms.flatMap((room) => room.signInWays ?? []),
    detours: rooms.flatMap((room) => room.detours ?? []),
    getPerson: users.get,
    findByUsername: stores.users.findByUsername,
    noteSignIn: users.noteSignIn,
  });
  const pages = { issuer, sessions: oidc.sessions, now };
  const account = myAccountRoom({
    ...{ ...options, ...pages, claims, whereabouts },
    addMethods: stores.openThings.addMethods,
    groupsOf: options.memberships.groupsOf,
    termsOf: stores.terms.find,
    own: options.factors,
  });
  const administration = consoleRoom({
    ...{ ...pages, calls },
    rightsOf: (person) => rightsOf(person, options.adminScopes()),
    findFactors: options.factors.factors.find,
  });
  rooms.push(oidc.room, account, administration, adminApiRoom({ document }));

  const guard = createGuard({ issuer, audience: adminApi, verificationKey: oidc.verificationKey, findApplication });
  const plumbing = connectRooms({
    ...{ ...fittings, config, database, rooms, endpoints, document, calls, now, log },
    edge: { guard, rateLimit: stores.rateLimit, answers: stores.answers },
    protocol: oidc.protocol,
    collectMetrics: options.collectMetrics,
    isDatabaseLost: options.isDatabaseLost,
  });
  return { oidc, calls, endpoints, document, plumbing, whereabouts };
}
