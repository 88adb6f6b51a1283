/**
 * Owns what tokens, userinfo and introspection say about a user: the claim sources under an application's claim policy,
 * distributed claims, and the preview of all of it.
 * Must not touch: what a claim says (modules contribute `claimSources`), and claim policies (`applications/`).
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { ApplicationAccess } from '../../directory/application-access/application-access.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimPolicies } from '../../directory/applications/claim-policies.ts';
import type { Users } from '../../directory/users/users.ts';
import type { FindUser } from '../provider/request-users.ts';
import { createAccounts, type Accounts } from './account.ts';
import { claimsPreviewEndpoints } from './claims-preview.api.ts';
import { previewClaims } from './claims-preview.ts';
import { createReferences, type References } from './distributed-claims.ts';
import { subjectFor } from './pairwise-subject.ts';
import type { Keys } from '../keys/keys.ts';

export interface ClaimsModuleOptions {
  findUser: FindUser;
  users: Pick<Users, 'get'>;
  applications: Pick<Applications, 'find'>;
  claimPolicies: Pick<ClaimPolicies, 'getApplication'>;
  keys: Pick<Keys, 'current'>;
  access: Pick<ApplicationAccess, 'mayAccess' | 'mayEnd' | 'endsAt'>;
}

export interface Claims {
  accounts: Accounts;
  references: References;
}

export function createClaimsModule(
  { config, encryption, now, hooks, contributions }: Platform,
  { findUser, users, applications, claimPolicies, keys, access }: ClaimsModuleOptions,
): { service: Claims; module: Module } {
  const { issuer } = config;
  const attributesInUse = config.userAttributes ?? [];
  const secondsOf = (use: ClaimUse) => (use === 'access_token' ? config.accessTokenSeconds : config.idTokenSeconds);
  const references = createReferences({ issuer, encryption, now, secondsOf });
  const accounts = createAccounts({
    findUser,
    findApplication: applications.find,
    mayAccess: access.mayAccess,
    accessMayEnd: access.mayEnd,
    accessEndsAt: access.endsAt,
    contributions,
    refer: references.refer,
    attributesInUse,
  });
  const endpoints = claimsPreviewEndpoints({
    getApplication: claimPolicies.getApplication,
    getUser: users.get,
    preview: (actor, user, application) =>
      previewClaims(
        {
          sources: contributions.claimSources,
          issuer,
          attributesInUse,
          subjectOf: async (userId, to) => subjectFor(await keys.current(), userId, to),
          visibleGroups: (all) => hooks.access.visibleGroups(actor, all),
        },
        user,
        application,
      ),
  });
  return { service: { accounts, references }, module: { name: 'claims', endpoints } };
}
