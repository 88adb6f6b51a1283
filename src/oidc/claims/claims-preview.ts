import type { Application, ClaimsPreview } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimRequest, ClaimSource } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';
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
  user: User,
  application: Application,
): Promise<ClaimsPreview> {
  const sources = all.map(({ scope, claims, read }) => ({
    scope,
    claims,
    read: (request: ClaimRequest) => read({ user: request.user, application: request.application, visibleGroups }),
  }));
  const accounts = createAccounts({
    findUser: async () => user,
    findApplication: async () => application,
    contributions: { claimSources: sources },
    // A real one would be a key to what is previewed.
    refer: (_wanted, claims) => referenceTo(claims, { endpoint: `${issuer}${DISTRIBUTED_CLAIMS}`, access_token: '…' }),
  });
  const scopes = ['openid', 'profile', 'email', ...sources.map(({ scope }) => scope)];
  const read = (use: ClaimUse) => accounts.readByScope(user, application.id, use, new Set(scopes));
  return {
    scopes,
    id_token: { sub: user.id, ...(await read('id_token')) },
    userinfo: { ...standardClaims(user), ...(await read('userinfo')) },
  };
}
