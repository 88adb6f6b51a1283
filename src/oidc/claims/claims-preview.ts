import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Application, ClaimsPreview } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimRequest, ClaimSource } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';
import { createAccounts } from './account.ts';
import { DISTRIBUTED_CLAIMS, referenceTo } from './distributed-claims.ts';
import { claimsByScope, standardClaims } from './standard-claims.ts';
import { bytesOfClaim, bytesOfToken, COOKIE_BYTES, HEADER_BYTES } from './token-size.ts';

export interface PreviewOptions {
  sources: ClaimSource[];
  issuer: string;
  attributesInUse: readonly UserAttribute[];
  /** By what an application knows a user. */
  subjectOf(userId: string, application: Application): Promise<string>;
  visibleGroups: ClaimRequest['visibleGroups'];
}

/**
 * The claims that an application with all user scopes would receive about a user now: the same sources and the same
 * distribution as for tokens, but only of groups that the actor may see.
 */
export async function previewClaims(
  { sources: all, issuer, attributesInUse, subjectOf, visibleGroups }: PreviewOptions,
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
    mayAccess: async () => true,
    accessMayEnd: () => false,
    accessEndsAt: async () => Infinity,
    contributions: { claimSources: sources },
    // A real one would be a key to what is previewed.
    refer: (_wanted, claims) => referenceTo(claims, { endpoint: `${issuer}${DISTRIBUTED_CLAIMS}`, access_token: '…' }),
    attributesInUse,
  });
  const scopes = ['openid', ...Object.keys(claimsByScope(attributesInUse)), ...sources.map(({ scope }) => scope)];
  const read = (use: ClaimUse) => accounts.readByScope(user, application.id, use, new Set(scopes));
  const ofScopes = await accounts.readForIdToken(user, application.id, { scope: scopes.join(' '), rejected: [] });
  const sub = await subjectOf(user.id, application);
  const idToken = { sub, ...ofScopes, ...(await read('id_token')) };
  const accessToken = { sub, ...(await read('access_token')) };
  const userinfo = await read('userinfo');
  const [use] = application.claimPolicy.tokens;
  const lists = use ? await accounts.readWhole({ user, application, use, scopes }) : {};
  return {
    scopes,
    id_token: idToken,
    userinfo: { ...standardClaims(user, attributesInUse), sub, ...userinfo },
    ...sizesOf({ issuer, clientId: application.id, lists }, { idToken, accessToken }),
  };
}

interface Sized {
  issuer: string;
  clientId: string;
  /** However long they are. */
  lists: Record<string, unknown>;
}

/** About as long as what the key to a distributed claim would be. */
const KEY = 'x'.repeat(150);

/** How many bytes tokens would have, and what is then to be thought of. */
function sizesOf(
  { issuer, clientId, lists }: Sized,
  { idToken, accessToken }: Record<'idToken' | 'accessToken', Record<string, unknown>>,
): Pick<ClaimsPreview, 'sizes' | 'warnings'> {
  const whole = (claims: Record<string, unknown>) =>
    bytesOfToken({ ...typicalClaims(issuer, clientId), ...claims, ...('_claim_names' in claims ? { key: KEY } : {}) });
  const sizes = {
    id_token: whole(idToken),
    access_token: whole(accessToken),
    claims: Object.fromEntries(Object.entries(lists).map(([name, value]) => [name, bytesOfClaim(name, value)])),
  };
  const largest = Math.max(sizes.id_token, sizes.access_token);
  return {
    sizes,
    warnings: [
      ...('_claim_names' in idToken || '_claim_names' in accessToken ? (['distributed_claim'] as const) : []),
      ...(sizes.id_token > COOKIE_BYTES ? (['larger_than_cookie'] as const) : []),
      ...(largest > HEADER_BYTES ? (['larger_than_headers'] as const) : []),
    ],
  };
}

/** The claims of a single sign-in, as long as they usually are. */
const typicalClaims = (issuer: string, clientId: string) => ({
  iss: issuer,
  aud: clientId,
  nonce: 'x'.repeat(43),
  sid: 'x'.repeat(21),
  acr: 'https://refeds.org/profile/sfa',
  amr: ['pwd', 'otp', 'mfa'],
  auth_time: 1_700_000_000,
  iat: 1_700_000_000,
  exp: 1_700_000_000,
});
