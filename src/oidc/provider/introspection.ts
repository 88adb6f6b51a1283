import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';
import type { Accounts } from '../claims/account.ts';

type Features = NonNullable<Configuration['features']>;

/** As much of a token as is read here and changed. */
interface UserToken {
  accountId?: string | undefined;
  clientId?: string | undefined;
  kind?: string | undefined;
  scope?: string | undefined;
  extra?: Record<string, unknown> | undefined;
}

/** Token introspection (RFC 7662), and signed responses for applications that accept them (RFC 9701). */
export function introspection(
  config: Pick<Config, 'introspection' | 'jwtIntrospection'>,
  accounts: Accounts,
): Pick<Features, 'introspection' | 'jwtIntrospection'> {
  return {
    introspection: {
      enabled: config.introspection,
      // The token of someone who is gone, disabled or without access is not active, whatever its expiry says.
      async allowedPolicy(ctx, client, token) {
        if (client.clientAuthMethod === 'none' && token.clientId !== client.clientId) return false;
        const subject: UserToken = token;
        return subject.accountId === undefined || tellClaims(ctx, accounts, subject);
      },
    },
    jwtIntrospection: { enabled: config.introspection && config.jwtIntrospection },
  };
}

/**
 * Adds what a user's access token may say, as of now and not as of when it was issued. The token is this request's own copy,
 * and later the response may be signed already. Returns whether there is such a user.
 */
async function tellClaims(ctx: KoaContextWithOIDC, accounts: Accounts, token: UserToken): Promise<boolean> {
  const account = await accounts.find(ctx, token.accountId!);
  if (!account || !(await accounts.mayUse(account.user, token.clientId ?? ''))) return false;
  if (token.kind !== 'AccessToken') return true;
  const scopes = new Set(token.scope?.split(' '));
  const claims = await accounts.readByScope(account.user, token.clientId ?? '', 'introspection', scopes);
  token.extra = { ...token.extra, ...claims };
  return true;
}
