/**
 * Owns what tokens, userinfo and introspection say about a user: the claim sources under an application's claim policy, and
 * distributed claims.
 * Must not touch: what a claim says (modules contribute `claimSources`), and claim policies (`applications/`).
 */
import type { ClaimRequest, ClaimSource, Module, Platform } from '../../directory/module.ts';
import type { ApplicationAccess } from '../../directory/application-access/application-access.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { FindUser } from '../provider/request-users.ts';
import { createAccounts, type Accounts } from './account.ts';
import { createReferences, type References } from './distributed-claims.ts';

export interface ClaimsModuleOptions {
  findUser: FindUser;
  applications: Pick<Applications, 'find'>;
  access: Pick<ApplicationAccess, 'mayAccess' | 'mayEnd' | 'endsAt'>;
}

/** Whose claims are previewed, and how much of them may be seen. */
export type Previewed = ClaimRequest;

export interface Claims {
  accounts: Accounts;
  /** One user's account with one application, as far as the groups behind its claims may be seen. */
  accountsFor(previewed: Previewed): Accounts;
  references: References;
}

export function createClaimsModule(
  { config, encryption, now, contributions }: Platform,
  { findUser, applications, access }: ClaimsModuleOptions,
): { service: Claims; module: Module } {
  const { issuer } = config;
  const attributesInUse = config.userAttributes ?? [];
  const secondsOf = (use: ClaimUse) => (use === 'access_token' ? config.accessTokenSeconds : config.idTokenSeconds);
  const references = createReferences({ issuer, encryption, now, secondsOf });
  const { refer } = references;
  const accounts = createAccounts({
    findUser,
    findApplication: applications.find,
    mayAccess: access.mayAccess,
    accessMayEnd: access.mayEnd,
    accessEndsAt: access.endsAt,
    contributions,
    refer,
    attributesInUse,
  });
  const accountsFor = ({ user, application, visibleGroups }: Previewed): Accounts =>
    createAccounts({
      findUser: async () => user,
      findApplication: async () => application,
      mayAccess: access.mayAccess,
      accessMayEnd: access.mayEnd,
      accessEndsAt: access.endsAt,
      contributions: { claimSources: contributions.claimSources.map((source) => limited(source, visibleGroups)) },
      refer,
      attributesInUse,
    });
  return { service: { accounts, accountsFor, references }, module: { name: 'claims' } };
}

/** The same source, told of no other groups than these. */
function limited(source: ClaimSource, visibleGroups: ClaimRequest['visibleGroups']): ClaimSource {
  const { scope, claims, read, mayEnd, endsAt } = source;
  const within = ({ user, application }: ClaimRequest) => ({ user, application, visibleGroups });
  return {
    scope,
    claims,
    read: (request) => read(within(request)),
    ...(mayEnd ? { mayEnd } : {}),
    ...(endsAt ? { endsAt: (request: ClaimRequest) => endsAt(within(request)) } : {}),
  };
}
