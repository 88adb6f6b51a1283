import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'koa';
import type { Config } from '../config/schema.ts';
import { createGuard } from './admin-api/guard.ts';
import { toOpenApi } from './admin-api/openapi.ts';
import { adminApiRoom } from './admin-api/room.ts';
import { createApplicationCache, createApplicationStore } from './applications/applications.mongo.ts';
import { createApplications } from './applications/applications.ts';
import { applicationsRoom } from './applications/room.ts';
import { createAuditStore } from './audit/audit.mongo.ts';
import { createAudit } from './audit/audit.ts';
import { auditRoom } from './audit/room.ts';
import { createBoxes, type SealingKey } from './base/boxes.ts';
import { systemClock, type Clock } from './base/clock.ts';
import { newId as randomId, newSecret, type NewId } from './base/ids.ts';
import { createAttemptLimits } from './credentials/attempts.mongo.ts';
import { isCommonPassword } from './credentials/common-passwords.ts';
import { createCredentials } from './credentials/credentials.ts';
import { createHasher } from './credentials/hasher.ts';
import { WeakPassword } from './credentials/password.ts';
import { createPasswordStore } from './credentials/passwords.mongo.ts';
import { credentialsRoom } from './credentials/room.ts';
import { connect } from './db/connection.mongo.ts';
import { prepareCollections } from './db/prepare.mongo.ts';
import { createFirstRun } from './first-run/first-run.ts';
import { createSetupLinkStore } from './first-run/first-run.mongo.ts';
import { firstRunRoom } from './first-run/room.ts';
import { createGroupCache, createGroupStore } from './groups/groups.mongo.ts';
import { createGroups } from './groups/groups.ts';
import { groupsRoom } from './groups/room.ts';
import { createApi } from './http/api.ts';
import { loadAssets } from './http/assets.ts';
import { requestLog, redactPath, type Log } from './http/log.ts';
import { loadMessages } from './http/messages.ts';
import { createMetrics } from './http/metrics.ts';
import { operations } from './http/operations.ts';
import { createPages } from './http/pages.ts';
import { securityHeaders } from './http/security-headers.ts';
import { createHttp } from './http/server.ts';
import { createViews } from './http/views.ts';
import { createJobs } from './jobs/jobs.ts';
import { createLeases } from './jobs/leases.mongo.ts';
import { createMembershipStore } from './memberships/memberships.mongo.ts';
import { createMemberships } from './memberships/memberships.ts';
import { membershipsRoom } from './memberships/room.ts';
import { createProtocolStore } from './oidc/adapter.mongo.ts';
import { createConsentStore } from './oidc/consents.mongo.ts';
import { createKeyStore } from './oidc/keys.mongo.ts';
import { createKeys } from './oidc/keys.ts';
import { oidcRoom } from './oidc/room.ts';
import type { Room } from './room.ts';
import { createRoleCache, createRoleStore } from './roles/roles.mongo.ts';
import { createRoles } from './roles/roles.ts';
import { rolesRoom } from './roles/room.ts';
import { createUserStore } from './users/users.mongo.ts';
import { createUsers } from './users/users.ts';
import { usersRoom } from './users/room.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

export interface HouseOptions {
  config: Config;
  /** The database, whichever way it came to be. */
  uri: string;
  sealingKeys: SealingKey[];
  log: Log;
  now?: Clock;
  newId?: NewId;
  /** The metrics of all processes that share the port; by default those of this one. */
  allMetrics?(): Promise<string>;
}

export type House = Awaited<ReturnType<typeof buildHouse>>;

/** Builds every room and plugs it in. */
export async function buildHouse(options: HouseOptions) {
  const { config, uri, sealingKeys, log, now = systemClock, newId = randomId } = options;
  const database = await connect(uri);
  const { connection, transact } = database;
  const boxes = createBoxes(sealingKeys);
  const metrics = createMetrics();
  const assets = loadAssets(assetFiles());
  const views = createViews({ folder: join(root, 'views'), assets, translate: loadMessages(join(root, 'views')), brand: 'Cohort' });
  const { issuer } = config;
  const adminApi = `${issuer}/v1`;
  const rooms: Room[] = [];
  const common = { transact, newId, now };

  // What one room asks of all others goes through the list, so that a new room is heard without being named.
  const removeBelongings = async (userId: string) => {
    for (const room of rooms) await room.removePerson?.(userId);
  };
  const signOut = async (userId: string) => {
    for (const room of rooms) await room.signOutPerson?.(userId);
  };

  const audit = createAudit({ store: createAuditStore(connection), newId, now });
  const userStore = createUserStore(connection);
  const users = createUsers({ ...common, store: userStore, audit, removeBelongings, signOut });

  const roleStore = createRoleStore(connection);
  const roleCache = createRoleCache(connection, log);
  const groupStore = createGroupStore(connection);
  const groupCache = createGroupCache(connection, log);
  const membershipStore = createMembershipStore(connection);
  const roles = createRoles({
    ...common,
    store: roleStore,
    audit,
    takeFromGroups: (roleId) => groupStore.takeRole(roleId, now()),
    forget: roleCache.forget,
  });
  const groups = createGroups({
    ...common,
    store: groupStore,
    audit,
    existingRoles: async (ids) => (await roleStore.findMany(ids)).map(({ id }) => id),
    abandonMembers: membershipStore.markAbandoned,
    forget: groupCache.forget,
  });
  const memberships = createMemberships({
    ...common,
    store: membershipStore,
    users: userStore,
    getUser: users.get,
    getGroup: groups.get,
    groupsByIds: groupStore.findMany,
    audit,
  });

  const credentials = createCredentials({
    ...common,
    store: createPasswordStore(connection),
    hasher: createHasher({ memoryCost: config.argon2MemoryKib, timeCost: config.argon2Passes }),
    limits: createAttemptLimits(connection, { byAccount: config.signInAttempts, byAddress: config.signInAttemptsByAddress }),
    isCommonPassword,
    audit,
    signOut,
  });

  const applicationCache = createApplicationCache(connection, log);
  const consents = createConsentStore(connection);
  const applications = createApplications({
    ...common,
    store: createApplicationStore(connection),
    cache: applicationCache,
    audit,
    boxes,
    newSecret,
    adminScopes: () => Object.keys(scopesOf(rooms)),
    async removeBelongings(clientId) {
      await protocolStore.removeOfApplication(clientId);
      await consents.removeOfApplication(clientId);
    },
  });
  const protocolStore = createProtocolStore(connection, boxes, applications);
  const keys = createKeys({ store: createKeyStore(connection, boxes, log), now, rotationDays: config.keyRotationDays, overlapDays: config.keyOverlapDays });
  const firstRun = createFirstRun({
    links: createSetupLinkStore(connection),
    users,
    countAdministrators: () => userStore.count({ kind: 'administrator' }),
    credentials,
    transact,
    now,
    issuer,
  });

  const groupsByIds = (ids: string[]) => groupCache.getMany(ids);
  const roleIdsOfGroups = async (ids: string[]) => (await groupsByIds(ids)).flatMap(({ roleIds }) => roleIds);
  const passwords = { prepare: credentials.prepare, setTemporary: credentials.setTemporary, errors: [WeakPassword] };

  // A new feature is a new folder and a line here.
  rooms.push(
    auditRoom({ audit }),
    usersRoom({ users, passwords }),
    credentialsRoom({ credentials }),
    groupsRoom({ groups, cache: groupCache }),
    membershipsRoom({ memberships, groupsByIds }),
    rolesRoom({ roles, cache: roleCache, roleIdsOfGroups }),
    applicationsRoom({ applications, cache: applicationCache }),
    firstRunRoom({ firstRun, issuer }),
  );
  const endpoints = rooms.flatMap((room) => room.endpoints ?? []);
  const document = toOpenApi({ endpoints, issuer, version, scopes: scopesOf(rooms) });
  const oidc = oidcRoom({
    config,
    store: protocolStore,
    consents,
    keys,
    credentials,
    audit,
    views,
    log,
    metrics,
    now,
    adminApi,
    claims: rooms.flatMap((room) => room.claims ?? []),
    steps: rooms.flatMap((room) => room.signInSteps ?? []),
    findPerson: userStore.find,
    getPerson: users.get,
    findApplication: applications.find,
  });
  rooms.push(oidc.room, adminApiRoom({ document }));

  const jobs = createJobs({ jobs: rooms.flatMap((room) => room.jobs ?? []), leases: createLeases(connection), holder: newId(), now, log });
  const guard = createGuard({ issuer, audience: adminApi, verificationKey: oidc.verificationKey, findApplication: applications.find });
  const onDefect = (error: unknown, ctx: Context) =>
    log.error({ err: error, request_id: ctx.state['requestId'] as string, path: redactPath(ctx.path) }, 'a request failed');
  let stopping = false;

  const http = createHttp({
    trustedProxies: config.trustedProxies,
    origin: issuer,
    log,
    middleware: [
      requestLog(log),
      metrics.observe,
      securityHeaders({ https: issuer.startsWith('https:') }),
      operations({
        checkDatabase: database.ping,
        metrics: options.allMetrics ?? (() => metrics.registry.metrics()),
        metricsToken: config.metricsToken,
        isStopping: () => stopping,
      }),
      assets.serve,
      ...createPages({ pages: rooms.flatMap((room) => room.pages ?? []), views, origin: issuer, onDefect }),
      ...createApi({ endpoints, document, guard, onDefect }),
      ...oidc.protocol,
    ],
  });

  return {
    http,
    database,
    rooms,
    endpoints,
    document,
    keys,
    firstRun,
    users,
    groups,
    memberships,
    roles,
    applications,
    credentials,
    protocolStore,
    makeRegistrationToken: oidc.makeRegistrationToken,
    metrics,
    views,
    assets,

    /** Makes collections, indexes and keys, and starts what every room keeps running. */
    async start({ withJobs = true } = {}): Promise<void> {
      await prepareCollections(connection);
      for (const room of rooms) await room.start?.();
      if (withJobs) jobs.start();
    },

    /** Lets requests in flight finish, then stops what runs in the background and closes the database. */
    async stop(): Promise<void> {
      stopping = true;
      await http.close(config.shutdownSeconds * 1000);
      await jobs.stop();
      for (const room of rooms) await room.stop?.();
      await database.close();
    },
  };
}

function scopesOf(rooms: Room[]): Record<string, string> {
  return Object.assign({}, ...rooms.map((room) => room.scopes ?? {})) as Record<string, string>;
}

function assetFiles(): string[] {
  const folder = join(root, 'views', 'assets');
  const tabler = join(root, 'node_modules', '@tabler', 'core', 'dist', 'css', 'tabler.min.css');
  return [tabler, ...readdirSync(folder).map((name) => join(folder, name))];
}
