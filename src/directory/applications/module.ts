/**
 * Owns relying parties and services: their URIs, secrets and scopes, and their claim policies, which
 * select the groups that they receive.
 * Must not touch: the protocol itself (`oidc/`), which reads applications as client metadata.
 */
import type { Module, Platform } from '../module.ts';
import { newSecret } from '../../platform/ids.ts';
import type { Audit } from '../audit/audit.ts';
import type { Groups } from '../groups/groups.ts';
import { createAccessRules, type AccessRules } from './access-rules.ts';
import { applicationEndpoints } from './applications.api.ts';
import { createApplicationCache, createApplicationStore } from './applications.mongo.ts';
import { createApplications, type Applications } from './applications.ts';
import { claimPolicyEndpoints } from './claim-policies.api.ts';
import { createClaimPolicies, type ClaimPolicies } from './claim-policies.ts';
import { createFormerNameReaders } from './former-name-readers.ts';
import { formerNameEndpoints } from './former-names.api.ts';
import { firstPartyApplications } from './first-party.ts';
import { createReserved } from './reserved.ts';
import { applicationSignalsEndpoints } from './application-signals.api.ts';
import { createApplicationSignals, type ApplicationSignals } from './application-signals.ts';

export interface ApplicationsModuleOptions {
  audit: Audit;
  groups: Pick<Groups, 'existing' | 'findMany' | 'get' | 'removeFormerName' | 'withSubgroups'>;
}

export interface ApplicationsService {
  applications: Applications;
  claimPolicies: ClaimPolicies;
  accessRules: AccessRules;
  signals: ApplicationSignals;
}

export function createApplicationsModule(
  { config, connection, transact, encryption, newId, now, hooks, contributions }: Platform,
  { audit, groups }: ApplicationsModuleOptions,
): { service: ApplicationsService; module: Module } {
  const store = createApplicationStore(connection);
  const cache = createApplicationCache(connection);
  const firstParty = firstPartyApplications(config.issuer);
  const { faultOfClient, onDelete, impactOf } = hooks;
  const { assertMayWrite } = hooks.access;
  const applications = createApplications({
    store,
    cache,
    audit,
    transact,
    encryption,
    newId,
    newSecret,
    now,
    firstParty,
    reserved: createReserved({ brand: config.brand, firstParty }),
    uriRules: { privateHttp: config.privateHttpRedirectUris },
    adminScopes: () => Object.keys(contributions.scopes),
    assertMayWrite,
    faultOfClient,
    onDelete,
  });
  const claimPolicies = createClaimPolicies({
    store,
    cache,
    audit,
    transact,
    now,
    existingGroups: groups.existing,
    assertMayWrite,
  });
  const accessRules = createAccessRules({
    store,
    cache,
    audit,
    transact,
    now,
    existingGroups: groups.existing,
    getApplication: claimPolicies.getApplication,
    assertMayWrite,
  });
  const signals = createApplicationSignals({
    store,
    cache,
    audit,
    transact,
    now,
    getApplication: claimPolicies.getApplication,
    assertMayWrite,
  });
  return {
    service: { applications, claimPolicies, accessRules, signals },
    module: {
      name: 'applications',
      scopes: {
        'applications:read': 'Read applications.',
        'applications:write': 'Create, change and delete applications, and rotate their secrets.',
      },
      endpoints: [
        ...applicationEndpoints({ applications, impactOf }),
        ...claimPolicyEndpoints({ claimPolicies }),
        ...applicationSignalsEndpoints({ signals }),
        ...formerNameEndpoints({ groups, readers: createFormerNameReaders({ store, groups, now }) }),
      ],
      tasks: [{ name: 'end-former-names', everySeconds: 10, run: claimPolicies.endFormerNames }],
      async onDelete({ kind, id }) {
        if (kind === 'group') await claimPolicies.takeGroup(id);
      },
    },
  };
}
