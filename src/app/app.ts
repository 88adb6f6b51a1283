import { createRights } from '../administration/admin-roles/rights.ts';
import { administratorsRoom } from '../administration/admin-roles/module.ts';
import { createApplications } from '../directory/applications/applications.ts';
import { createClaimPolicies } from '../directory/applications/claim-policies.ts';
import { firstPartyApplications } from '../directory/applications/first-party.ts';
import { createReserved } from '../directory/applications/reserved.ts';
import { applicationsRoom } from '../directory/applications/module.ts';
import { createAudit } from '../directory/audit/audit.ts';
import { auditRoom } from '../directory/audit/module.ts';
import { createBoxes } from '../platform/encryption.ts';
import { systemClock } from '../platform/clock.ts';
import { newId as randomId, newSecret } from '../platform/ids.ts';
import { connect } from '../platform/db/connection.mongo.ts';
import { factorsRoom } from '../authentication/mfa/module.ts';
import { createEdges } from './edges.ts';
import type { HouseOptions } from './options.ts';
import { withChildren, withParents } from '../directory/groups/ancestry.ts';
import type { Group } from '../directory/groups/group.ts';
import { createGroups } from '../directory/groups/groups.ts';
import { groupsRoom } from '../directory/groups/module.ts';
import { createLongWork } from './long-work.ts';
import { mailRoom } from '../platform/mail/module.ts';
import { createMemberships } from '../directory/memberships/memberships.ts';
import { membershipsRoom } from '../directory/memberships/module.ts';
import { createProtocolStore } from '../oidc/provider/adapter.mongo.ts';
import { createRedemptions } from '../oidc/provider/redemptions.ts';
import { createRequestPeople } from '../oidc/provider/request-users.ts';
import { createSignOutElsewhere } from '../oidc/sessions/sign-out-elsewhere.ts';
import { previewClaims } from '../oidc/claims/claims-preview.ts';
import { createKeys } from '../oidc/keys/keys.ts';
import type { Room, WayBack } from '../module.ts';
import { createRoles } from '../directory/roles/roles.ts';
import { rolesRoom } from '../directory/roles/module.ts';
import { askAll, createFittings, scopesOf } from './extension-points.ts';
import { settingsRoom } from '../administration/settings/module.ts';
import { statisticsRoom } from '../administration/statistics/module.ts';
import { createStores } from './stores.ts';
import { createUsers } from '../directory/users/users.ts';
import { usersRoom } from '../directory/users/module.ts';
import { createWaysIn } from './ways-in.ts';

export type House = Awaited<ReturnType<typeof buildHouse>>;

/** Creates every module and connects it. */
export async function buildHouse(options: HouseOptions) {
  const { config, uri, sealingKeys, log, environment = {}, now = systemClock, newId = randomId } = options;
  const database = await connect(uri);
  const { connection, transact } = database;
  const boxes = createBoxes(sealingKeys);
  const fittings = createFittings({ config, now });
  const { issuer } = config;
  const rooms: Room[] = [];
  const common = { transact, newId, now };

  const { removeBelongings, signOut, findTouches, findProblems } = askAll(rooms);

  const stores = createStores({ config, database, boxes, now, log });
  const { groupCache, roleCache, applicationCache, consents } = stores;
  const audit = createAudit({ store: stores.audit, newId, now });
  const adminScopes = () => Object.keys(scopesOf(rooms));
  const { policy, reach, mayTouch, assertMayWrite } = createRights({ groups: stores.groups, adminScopes });
  const existingGroups = async (ids: string[]) => (await stores.groups.findMany(ids)).map(({ id }) => id);
  const users = createUsers({
    ...common,
    store: stores.users,
    audit,
    existingGroups,
    groupsWithRole: async (roleId, limit) =>
      withChildren(await stores.groups.withRole(roleId, limit), stores.groups.childrenOf, limit),
    mayTouch,
    removeBelongings,
    signOut,
  });

  const roles = createRoles({
    ...common,
    store: stores.roles,
    audit,
    takeFromGroups: (roleId) => stores.groups.takeRole(roleId, now()),
    forget: roleCache.forget,
  });
  const groups = createGroups({
    ...common,
    store: stores.groups,
    audit,
    existingRoles: async (ids) => (await stores.roles.findMany(ids)).map(({ id }) => id),
    async addMembers(actor, groupId, userIds) {
      const items = await memberships.add(actor, groupId, { userIds });
      return items.flatMap(({ userId, outcome }) => (outcome === 'added' && userId ? [userId] : []));
    },
    abandonMembers: stores.memberships.markAbandoned,
    takeFromPolicies: (groupId) => claimPolicies.takeGroup(groupId),
    forget: groupCache.forget,
  });
  const memberships = createMemberships({
    ...common,
    store: stores.memberships,
    users,
    inReach: async (actor, ids) => (await reach.part(actor, ids)).within,
    peopleByIds: stores.users.findMany,
    getUser: users.get,
    getGroup: groups.get,
    groupsByIds: stores.groups.findMany,
    audit,
  });

  const mailStores = { outbox: stores.outbox, mailboxStore: stores.mailbox };
  const { mail, room: lettersRoom } = mailRoom({
    ...{ ...mailStores, ...fittings, config, boxes, now, log },
    findByUsername: stores.users.findByUsername,
  });

  const wayBack: WayBack = (from, username) => edges.oidc.wayBack(from, username);
  const signOutElsewhere = createSignOutElsewhere({ users: stores.users, sessions: stores.openThings, transact });
  const lent = { audit, users, post: mail.post, wayBack, signOut, signOutElsewhere };
  const waysIn = createWaysIn({ ...common, ...lent, config, stores });
  const { credentials, passwords, invitations: inviting, firstRun } = waysIn;

  const firstParty = firstPartyApplications(issuer);
  const reserved = createReserved({ brand: config.brand, firstParty });
  const applications = createApplications({
    ...common,
    store: stores.applications,
    cache: applicationCache,
    audit,
    boxes,
    newSecret,
    firstParty,
    reserved,
    adminScopes,
    assertMayWrite,
    async removeBelongings(clientId) {
      await protocolStore.removeOfApplication(clientId);
      await consents.removeOfApplication(clientId);
    },
  });
  const claimPolicies = createClaimPolicies({
    ...{ store: stores.applications, cache: applicationCache, audit, transact, now, existingGroups },
    assertMayWrite,
  });
  const findPerson = createRequestPeople(stores.users.find);
  const redemptions = createRedemptions();
  const { postLogouts } = stores;
  const protocolStore = createProtocolStore({ connection, boxes, applications, postLogouts, findPerson, redemptions });
  const keys = createKeys({
    store: stores.keys,
    now,
    rotationDays: config.keyRotationDays,
    overlapDays: config.keyOverlapDays,
  });

  const longWork = createLongWork({
    ...{ ...common, stores, users, memberships, groups, audit, boxes, log },
    ...{ adminScopes, policy, reserved },
    faultOfClient: (metadata) => edges.oidc.faultOfClient(metadata),
    signOut,
    postMany: mail.postMany,
  });

  const groupsByIds = (ids: string[]) => withParents(ids, groupCache.getMany);

  const { room: proving, ...factors } = factorsRoom({
    ...{ ...common, config, boxes, audit, signOut, signOutElsewhere, post: mail.post },
    ...{ stores: stores.factors, getPerson: users.get, groupsByIds, rolesByIds: roleCache.getMany },
  });

  const counting = statisticsRoom({
    ...{ store: stores.statistics, findProblems, groupsByIds: groupCache.getMany, now },
    countNewCustomers: (after, before) => users.countCreated('customer', { after, before }),
  });

  // A new feature is a new folder and a line here.
  rooms.push(
    auditRoom({ audit }),
    usersRoom({
      ...{ users, passwords, inviting, findTouches, visibleUsers: reach.visibleUsers },
      endProofs: stores.users.endProofs,
    }),
    proving,
    administratorsRoom({
      users,
      adminScopes,
      countOwners: () => stores.users.count({ status: 'active', adminRole: 'owner' }),
    }),
    ...waysIn.rooms,
    groupsRoom({ groups, findTouches, cache: groupCache, reachOf: reach.reachOf }),
    membershipsRoom({
      ...{ memberships, groupsByIds, getPerson: users.get, rolesByIds: roleCache.getMany },
      visibleGroups: reach.visibleGroups,
    }),
    rolesRoom({ roles, findTouches, cache: roleCache, groupsByIds, visibleRoles: reach.visibleRoles }),
    applicationsRoom({
      ...{ applications, claimPolicies, findTouches, cache: applicationCache, getPerson: users.get },
      previewClaims(actor, person, application) {
        const sources = rooms.flatMap(({ claims = [] }) => claims);
        const visibleGroups = (all: Group[]) => reach.visibleGroups(actor, all);
        return previewClaims({ sources, issuer, visibleGroups }, person, application);
      },
    }),
    lettersRoom,
    counting.room,
    settingsRoom({
      ...{ store: stores.settings, environment, keys, audit, transact, now },
      ...{ post: mail.post, onChange: options.onSettings },
    }),
    ...longWork.rooms,
  );
  const edges = createEdges({
    ...{ config, database, stores, rooms, fittings, protocolStore, boxes, keys, credentials, audit, users },
    memberships,
    ...{ applications, factors, reach, policy, transact, now, log, adminScopes, findPerson, signOutElsewhere },
    redemptions,
    getGroup: groups.get,
    welcome: waysIn.welcome,
    countSignIn: counting.statistics.count,
    collectMetrics: options.collectMetrics,
    isDatabaseLost: options.isDatabaseLost,
  });
  const { oidc, calls, endpoints, document, plumbing, whereabouts } = edges;

  return {
    ...plumbing,
    ...fittings,
    issuer,
    scopes: scopesOf(rooms),
    database,
    rooms,
    endpoints,
    document,
    calls,
    keys,
    firstRun,
    users,
    groups,
    memberships,
    roles,
    applications,
    credentials,
    factors,
    account: whereabouts,
    waysIn,
    statistics: counting.statistics,
    storedSettings: stores.settings.read,
    jobFiles: stores.files,
    transfer: longWork.transfer,
    jobs: longWork.jobs,
    drainJobs: longWork.drain,
    mail,
    protocolStore,
    makeRegistrationToken: oidc.makeRegistrationToken,
  };
}
