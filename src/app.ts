import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
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
import { createFirstRun } from './first-run/first-run.ts';
import { createSetupLinkStore } from './first-run/first-run.mongo.ts';
import { firstRunRoom } from './first-run/room.ts';
import { createGroupCache, createGroupStore } from './groups/groups.mongo.ts';
import { createGroups } from './groups/groups.ts';
import { groupsRoom } from './groups/room.ts';
import { createMailboxStore } from './mail/mailbox.mongo.ts';
import { createOutbox } from './mail/outbox.mongo.ts';
import { mailRoom } from './mail/room.ts';
import { createMembershipStore } from './memberships/memberships.mongo.ts';
import { createMemberships } from './memberships/memberships.ts';
import { membershipsRoom } from './memberships/room.ts';
import { createProtocolStore } from './oidc/adapter.mongo.ts';
import { createConsentStore } from './oidc/consents.mongo.ts';
import { createKeyStore } from './oidc/keys.mongo.ts';
import { createKeys } from './oidc/keys.ts';
import { oidcRoom } from './oidc/room.ts';
import type { Log } from './http/log.ts';
import type { Room } from './room.ts';
import { createRoleCache, createRoleStore } from './roles/roles.mongo.ts';
import { createRoles } from './roles/roles.ts';
import { rolesRoom } from './roles/room.ts';
import { connectRooms, createFittings, scopesOf } from './plumbing.ts';
import { createUserStore } from './users/users.mongo.ts';
import { createUsers } from './users/users.ts';
import { usersRoom } from './users/room.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
  version: string;
};

export interface HouseOptions {
  config: Config;
  /** The database, whichever way it came to be. */
  uri: string;
  sealingKeys: SealingKey[];
  log: Log;
  now?: Clock;
  newId?: NewId;
  /** Given this process's metrics, how to collect those of all processes that share the port; by default only its own are shown. */
  collectMetrics?(registry: Registry): () => Promise<string>;
}

export type House = Awaited<ReturnType<typeof buildHouse>>;

/** Builds every room and plugs it in. */
export async function buildHouse(options: HouseOptions) {
  const { config, uri, sealingKeys, log, now = systemClock, newId = randomId } = options;
  const database = await connect(uri);
  const { connection, transact } = database;
  const boxes = createBoxes(sealingKeys);
  const fittings = createFittings();
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

  const audit = createAudit({ store: createAuditStore(connection, boxes), newId, now });
  const userStore = createUserStore(connection);
  const users = createUsers({
    ...common,
    store: userStore,
    audit,
    groupsWithRole: (roleId, limit) => groupStore.withRole(roleId, limit),
    removeBelongings,
    signOut,
  });

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
    users: { findMany: userStore.findMany, search: users.search },
    getUser: users.get,
    getGroup: groups.get,
    groupsByIds: groupStore.findMany,
    audit,
  });

  const credentials = createCredentials({
    ...common,
    store: createPasswordStore(connection),
    hasher: createHasher({ memoryCost: config.argon2MemoryKib, timeCost: config.argon2Passes }),
    limits: createAttemptLimits(connection, {
      byAccount: config.signInAttempts,
      byAddress: config.signInAttemptsByAddress,
    }),
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
  const keys = createKeys({
    store: createKeyStore(connection, boxes, log),
    now,
    rotationDays: config.keyRotationDays,
    overlapDays: config.keyOverlapDays,
  });
  const firstRun = createFirstRun({
    links: createSetupLinkStore(connection),
    users,
    countAdministrators: () => userStore.count({ kind: 'administrator' }),
    credentials,
    transact,
    now,
    issuer,
  });

  const mailStores = { outbox: createOutbox(connection), mailboxStore: createMailboxStore(connection) };
  const { mail, room: lettersRoom } = mailRoom({ ...mailStores, ...fittings, config, boxes, now, log });

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
    lettersRoom,
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
    ...fittings,
    log,
    now,
    adminApi,
    claims: rooms.flatMap((room) => room.claims ?? []),
    steps: rooms.flatMap((room) => room.signInSteps ?? []),
    findPerson: userStore.find,
    getPerson: users.get,
    noteSignIn: users.noteSignIn,
    findApplication: applications.find,
  });
  rooms.push(oidc.room, adminApiRoom({ document }));

  const guard = createGuard({
    issuer,
    audience: adminApi,
    verificationKey: oidc.verificationKey,
    findApplication: applications.find,
  });
  const plumbing = connectRooms({
    ...fittings,
    config,
    database,
    rooms,
    endpoints,
    document,
    guard,
    protocol: oidc.protocol,
    now,
    log,
    collectMetrics: options.collectMetrics,
  });

  return {
    ...plumbing,
    ...fittings,
    issuer,
    scopes: scopesOf(rooms),
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
    mail,
    protocolStore,
    makeRegistrationToken: oidc.makeRegistrationToken,
  };
}
