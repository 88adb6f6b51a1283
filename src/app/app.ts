import { createRights } from '../administration/admin-roles/rights.ts';
import { adminRolesModule } from '../administration/admin-roles/module.ts';
import { createApplications } from '../directory/applications/applications.ts';
import { createClaimPolicies } from '../directory/applications/claim-policies.ts';
import { firstPartyApplications } from '../directory/applications/first-party.ts';
import { createReserved } from '../directory/applications/reserved.ts';
import { applicationsModule } from '../directory/applications/module.ts';
import { createAudit } from '../directory/audit/audit.ts';
import { auditModule } from '../directory/audit/module.ts';
import { createEncryption } from '../platform/encryption.ts';
import { systemClock } from '../platform/clock.ts';
import { newId as randomId, newSecret } from '../platform/ids.ts';
import { connect } from '../platform/db/connection.mongo.ts';
import { mfaModule } from '../authentication/mfa/module.ts';
import { createEdges } from './edges.ts';
import type { AppOptions } from './options.ts';
import { withChildren, withParents } from '../directory/groups/ancestry.ts';
import type { Group } from '../directory/groups/group.ts';
import { createGroups } from '../directory/groups/groups.ts';
import { groupsModule } from '../directory/groups/module.ts';
import { createLongWork } from './long-work.ts';
import { mailModule } from '../platform/mail/module.ts';
import { createMemberships } from '../directory/memberships/memberships.ts';
import { membershipsModule } from '../directory/memberships/module.ts';
import { createProtocolStore } from '../oidc/provider/adapter.mongo.ts';
import { createRedemptions } from '../oidc/provider/redemptions.ts';
import { createRequestPeople } from '../oidc/provider/request-users.ts';
import { createSignOutElsewhere } from '../oidc/sessions/sign-out-elsewhere.ts';
import { previewClaims } from '../oidc/claims/claims-preview.ts';
import { createKeys } from '../oidc/keys/keys.ts';
import type { Module, ReturnToSignIn } from '../module.ts';
import { createRoles } from '../directory/roles/roles.ts';
import { rolesModule } from '../directory/roles/module.ts';
import { askAll, createFittings, scopesOf } from './extension-points.ts';
import { settingsModule } from '../administration/settings/module.ts';
import { statisticsModule } from '../administration/statistics/module.ts';
import { createStores } from './stores.ts';
import { createUsers } from '../directory/users/users.ts';
import { usersModule } from '../directory/users/module.ts';
import { createAuthentication } from './authentication.ts';

export type App = Awaited<ReturnType<typeof createApp>>;

/** Creates every module and connects it. */
export async function createApp(options: AppOptions) {
  const { config, uri, encryptionKeys, log, environment = {}, now = systemClock, newId = randomId } = options;
  const database = await connect(uri);
  const { connection, transact } = database;
  const encryption = createEncryption(encryptionKeys);
  const fittings = createFittings({ config, now });
  const { issuer } = config;
  const modules: Module[] = [];
  const common = { transact, newId, now };

  const { removeBelongings, signOut, findTouches, findProblems } = askAll(modules);

  const stores = createStores({ config, database, encryption, now, log });
  const { groupCache, roleCache, applicationCache, consents } = stores;
  const audit = createAudit({ store: stores.audit, newId, now });
  const adminScopes = () => Object.keys(scopesOf(modules));
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
    markMembersDeleted: stores.memberships.markDeleted,
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
  const { mail, module: emailsModule } = mailModule({
    ...{ ...mailStores, ...fittings, config, encryption, now, log },
    findByUsername: stores.users.findByUsername,
  });

  const returnToSignIn: ReturnToSignIn = (from, username) => edges.oidc.returnToSignIn(from, username);
  const signOutElsewhere = createSignOutElsewhere({ users: stores.users, sessions: stores.sessionStore, transact });
  const lent = { audit, users, post: mail.post, returnToSignIn, signOut, signOutElsewhere };
  const authentication = createAuthentication({ ...common, ...lent, config, stores });
  const { credentials, passwords, invitations: inviting, bootstrap } = authentication;

  const firstParty = firstPartyApplications(issuer);
  const reserved = createReserved({ brand: config.brand, firstParty });
  const applications = createApplications({
    ...common,
    store: stores.applications,
    cache: applicationCache,
    audit,
    encryption,
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
  const protocolStore = createProtocolStore({
    connection,
    encryption,
    applications,
    postLogouts,
    findPerson,
    redemptions,
  });
  const keys = createKeys({
    store: stores.keys,
    now,
    rotationDays: config.keyRotationDays,
    overlapDays: config.keyOverlapDays,
  });

  const longWork = createLongWork({
    ...{ ...common, stores, users, memberships, groups, audit, encryption, log },
    ...{ adminScopes, policy, reserved },
    faultOfClient: (metadata) => edges.oidc.faultOfClient(metadata),
    signOut,
    postMany: mail.postMany,
  });

  const groupsByIds = (ids: string[]) => withParents(ids, groupCache.getMany);

  const { module: proving, ...factors } = mfaModule({
    ...{ ...common, config, encryption, audit, signOut, signOutElsewhere, post: mail.post },
    ...{ stores: stores.factors, getPerson: users.get, groupsByIds, rolesByIds: roleCache.getMany },
  });

  const counting = statisticsModule({
    ...{ store: stores.statistics, findProblems, groupsByIds: groupCache.getMany, now },
    countNewCustomers: (after, before) => users.countCreated('customer', { after, before }),
  });

  // A new feature is a new folder and a line here.
  modules.push(
    auditModule({ audit }),
    usersModule({
      ...{ users, passwords, inviting, findTouches, visibleUsers: reach.visibleUsers },
      endProofs: stores.users.endProofs,
    }),
    proving,
    adminRolesModule({
      users,
      adminScopes,
      countOwners: () => stores.users.count({ status: 'active', adminRole: 'owner' }),
    }),
    ...authentication.modules,
    groupsModule({ groups, findTouches, cache: groupCache, reachOf: reach.reachOf }),
    membershipsModule({
      ...{ memberships, groupsByIds, getPerson: users.get, rolesByIds: roleCache.getMany },
      visibleGroups: reach.visibleGroups,
    }),
    rolesModule({ roles, findTouches, cache: roleCache, groupsByIds, visibleRoles: reach.visibleRoles }),
    applicationsModule({
      ...{ applications, claimPolicies, findTouches, cache: applicationCache, getPerson: users.get },
      previewClaims(actor, person, application) {
        const sources = modules.flatMap(({ claims = [] }) => claims);
        const visibleGroups = (all: Group[]) => reach.visibleGroups(actor, all);
        return previewClaims({ sources, issuer, visibleGroups }, person, application);
      },
    }),
    emailsModule,
    counting.module,
    settingsModule({
      ...{ store: stores.settings, environment, keys, audit, transact, now },
      ...{ post: mail.post, onChange: options.onSettings },
    }),
    ...longWork.modules,
  );
  const edges = createEdges({
    ...{ config, database, stores, modules, fittings, protocolStore, encryption, keys, credentials, audit, users },
    memberships,
    ...{ applications, factors, reach, policy, transact, now, log, adminScopes, findPerson, signOutElsewhere },
    redemptions,
    getGroup: groups.get,
    rememberDevice: authentication.rememberDevice,
    countSignIn: counting.statistics.count,
    collectMetrics: options.collectMetrics,
    isDatabaseLost: options.isDatabaseLost,
  });
  const { oidc, calls, endpoints, document, plumbing, whereabouts } = edges;

  return {
    ...plumbing,
    ...fittings,
    issuer,
    scopes: scopesOf(modules),
    database,
    modules,
    endpoints,
    document,
    calls,
    keys,
    bootstrap,
    users,
    groups,
    memberships,
    roles,
    applications,
    credentials,
    factors,
    account: whereabouts,
    authentication,
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
