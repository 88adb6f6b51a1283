import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';
import { CLAIM_USES, type ClaimUse } from '../../directory/applications/claim-policy.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import type { UserAccount } from '../claims/account.ts';
import type { Carried } from '../claims/claim-ends.ts';

type Context = Pick<KoaContextWithOIDC, 'oidc'> | undefined;

/** What the provider hands over of a token that it is about to issue. */
interface Issued {
  scope?: string | undefined;
  aud?: unknown;
  /** The `claims` parameter (OpenID Connect Core 5.5). */
  claims?: Partial<Record<'id_token' | 'userinfo', Record<string, unknown>>> | undefined;
  resourceServer?: { accessTokenTTL?: number | undefined } | undefined;
}

export interface LifetimesOptions {
  config: Pick<Config, 'accessTokenSeconds' | 'idTokenSeconds' | 'refreshTokenSeconds'>;
  now: Clock;
}

/**
 * How many seconds tokens are valid: as configured, but no longer than the first of the memberships behind what they say, and
 * no longer than the user's access to the application. An opaque access token and a refresh token say it when they are used.
 */
export function createLifetimes({ config, now }: LifetimesOptions) {
  function limited(seconds: number, end: number): number {
    // One second less, for the provider may reckon from the next one.
    const left = Math.floor(end / 1000) - unixSeconds(now()) - 1;
    // The provider takes no less; what has ended by now is not in the token.
    return Math.max(1, Math.min(seconds, left));
  }

  return {
    accessToken(ctx: Context, token: Issued): number {
      const seconds = token.resourceServer?.accessTokenTTL ?? config.accessTokenSeconds;
      const uses: ClaimUse[] = token.aud ? ['access_token', 'introspection'] : ['userinfo', 'introspection'];
      return limited(seconds, endOf(ctx, carriedBy(token, uses)));
    },
    /** The provider asks after it has read the claims of the ID token. */
    idToken: (ctx: Context): number => limited(config.idTokenSeconds, accountOf(ctx).ends?.ofIdToken ?? Infinity),
    refreshToken: (ctx: Context, token: Issued): number =>
      limited(config.refreshTokenSeconds, endOf(ctx, carriedBy(token, CLAIM_USES))),
  };
}

// A cast, because every account is made by `claims/account.ts`; a service has none.
const accountOf = (ctx: Context) => (ctx?.oidc.entities.Account ?? {}) as Partial<UserAccount>;

const endOf = (ctx: Context, carried: Carried): number => accountOf(ctx).ends?.endOf(carried) ?? Infinity;

function carriedBy({ scope = '', claims }: Issued, uses: readonly ClaimUse[]): Carried {
  const scopes = scope.split(' ');
  const requested = Object.assign({}, ...Object.values(claims ?? {})) as Record<string, unknown>;
  return {
    uses,
    isGranted: (source) => scopes.includes(source.scope) || source.claims.some((claim) => claim in requested),
  };
}
