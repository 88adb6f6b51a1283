import type { Application, ClaimsPreview } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimRequest, ClaimSource } from '../../directory/module.ts';
import type { Person } from '../../directory/users/user.ts';
import { createAccounts, standardClaims } from './account.ts';
import { DISTRIBUTED_CLAIMS, referenceTo } from './distributed-claims.ts';

export interface PreviewOptions {
  sources: ClaimSource[];
  issuer: string;
  visibleGroups: ClaimRequest['visibleGroups'];
}

/**
 * The claims that an application with all user scopes would receive about a user now: the same sources and the same
 * distribution as for tokens, but only of groups that the actor may see. The claims of `profile` and `email` are in
 * userinfo only (OpenID Connect Core 5.4).
 */
export async function previewClaims(
  { sources: all, issuer, visibleGroups }: PreviewOptions,
  person: Person,
  application: Application,
): Promise<ClaimsPreview> {
  const sources = all.map(({ scope, claims, read }) => ({
    scope,
    claims,
    read: (request: ClaimRequest) => read({ person: request.person, application: request.application, visibleGroups }),
  }));
  const accounts = createAccounts({
    findPerson: async () => person,
    findApplication: async () => application,
    contributions: { claimSources: sources },
    // A real one would be a key to what is previewed.
    refer: (_wanted, claims) => referenceTo(claims, { endpoint: `${issuer}${DISTRIBUTED_CLAIMS}`, access_token: '…' }),
  });
  const scopes = ['openid', 'profile', 'email', ...sources.map(({ scope }) => scope)];
  const read = (use: ClaimUse) => accounts.readByScope(person, application.id, use, new Set(scopes));
  return {
    scopes,
    id_token: { sub: person.id, ...(await read('id_token')) },
    userinfo: { ...standardClaims(person), ...(await read('userinfo')) },
  };
}
