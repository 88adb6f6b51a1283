import { decodeJwt } from 'jose';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimRequest } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';
import type { Claims } from '../claims/module.ts';
import { bytesOfClaim, COOKIE_BYTES, HEADER_BYTES } from '../claims/token-size.ts';
import type { IssuedPreview, IssuePreview, NotIssued } from '../provider/issue-preview.ts';
import type { ClaimsPreview } from './claims-preview.ts';

export interface PreviewClaimsOptions {
  claims: Pick<Claims, 'accountsFor'>;
  previewIssue: IssuePreview;
  now: Clock;
}

export interface WantedPreview extends ClaimRequest {
  user: User;
  application: Application;
  scopes: string[];
  resource: string | undefined;
}

/** What an application would get about a user now: as `ClaimsPreview`, without what is said about groups. */
export type PreviewedTokens = Pick<
  ClaimsPreview,
  'id_token' | 'access_token' | 'userinfo' | 'introspection' | 'sizes' | 'warnings'
> & { notIssued?: NotIssued };

const NOTHING = { id_token: null, access_token: null, userinfo: null, introspection: null };

/** Claims of a single sign-in. */
const OF_SIGN_IN = new Set(['nonce', 'sid', 'acr', 'amr', 'auth_time', 'at_hash', 'jti']);

/** Has the tokens made and takes them apart, so that nobody gets one. */
export async function previewTokens(
  { claims, previewIssue, now }: PreviewClaimsOptions,
  { user, application, visibleGroups, scopes, resource }: WantedPreview,
): Promise<PreviewedTokens> {
  const accounts = claims.accountsFor({ user, application, visibleGroups });
  const request = { accounts, userId: user.id, clientId: application.id, scopes, withSid: hasSid(application) };
  const [use] = application.claimPolicy.tokens;
  const lists = use ? await accounts.readWhole({ user, application, use, scopes }) : {};
  const sizesOfLists = Object.fromEntries(
    Object.entries(lists).map(([name, value]) => [name, bytesOfClaim(name, value)]),
  );
  const own = await previewIssue(request);
  const issued = resource ? await previewIssue({ ...request, resource }) : own;
  if (isRefused(own) || isRefused(issued)) {
    const sizes = { ...NOTHING, claims: sizesOfLists };
    return { ...NOTHING, sizes, warnings: [], notIssued: isRefused(own) ? own : (issued as NotIssued) };
  }
  const payloads = {
    id_token: payloadOf(issued.idToken),
    access_token: {
      format: resource ? ('jwt' as const) : ('opaque' as const),
      expires_at: unixSeconds(now()) + issued.expiresIn,
      claims: resource ? payloadOf(issued.accessToken) : null,
    },
    userinfo: payloadOf(own.userinfo),
    introspection: payloadOf(own.introspection),
  };
  const sizes = {
    id_token: issued.idToken.length,
    access_token: issued.accessToken.length,
    userinfo: bytesOf(own.userinfo),
    introspection: bytesOf(own.introspection),
    claims: sizesOfLists,
  };
  return { ...payloads, sizes, warnings: warningsOf(sizes, [payloads.id_token, payloads.access_token.claims]) };
}

/** By their uses, the payloads with the claims of groups. */
export const payloadsByUse = ({ id_token: idToken, access_token: accessToken, ...rest }: PreviewedTokens) =>
  ({
    ...(idToken ? { id_token: idToken } : {}),
    ...(rest.userinfo ? { userinfo: rest.userinfo } : {}),
    ...(accessToken?.claims ? { access_token: accessToken.claims } : {}),
    ...(rest.introspection ? { introspection: rest.introspection } : {}),
  }) satisfies Partial<Record<ClaimUse, Record<string, unknown>>>;

const isRefused = (issued: IssuedPreview | NotIssued): issued is NotIssued => 'error' in issued;

const hasSid = ({ metadata }: Application): boolean => Boolean(metadata['backchannel_logout_uri']);

/** Without what is of one sign-in alone, and without the key to distributed claims. */
function payloadOf(issued: string | Record<string, unknown> | undefined): Record<string, unknown> | null {
  if (issued === undefined) return null;
  const payload: Record<string, unknown> = typeof issued === 'string' ? decodeJwt(issued) : issued;
  // A cast, because only `distributed-claims.ts` makes it.
  const sources = payload['_claim_sources'] as Record<string, object> | undefined;
  return Object.fromEntries(
    Object.entries(payload)
      .filter(([name, value]) => !OF_SIGN_IN.has(name) && value !== undefined)
      .map(([name, value]) => [name, name === '_claim_sources' && sources ? withoutKeys(sources) : value]),
  );
}

const withoutKeys = (sources: Record<string, object>) =>
  Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, { ...source, access_token: '…' }]));

function bytesOf(issued: string | Record<string, unknown> | undefined): number | null {
  if (issued === undefined) return null;
  return Buffer.byteLength(typeof issued === 'string' ? issued : JSON.stringify(issued));
}

function warningsOf(
  sizes: { id_token: number; access_token: number },
  tokens: (Record<string, unknown> | null)[],
): ClaimsPreview['warnings'] {
  const largest = Math.max(sizes.id_token, sizes.access_token);
  return [
    ...(tokens.some((claims) => claims && '_claim_names' in claims) ? (['distributed_claim'] as const) : []),
    ...(largest > COOKIE_BYTES ? (['larger_than_cookie'] as const) : []),
    ...(largest > HEADER_BYTES ? (['larger_than_headers'] as const) : []),
  ];
}
