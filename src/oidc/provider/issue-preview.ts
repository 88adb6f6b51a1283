import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { Accounts } from '../claims/account.ts';
import type { KeySet } from '../keys/keys.ts';
import type { ProtocolStore } from './adapter.mongo.ts';
import { createAskProvider } from './ask-provider.ts';
import { createPreviewStore } from './preview-store.ts';
import type { ProviderOptions } from './provider.ts';

export interface IssuePreviewOptions {
  store: Pick<ProtocolStore, 'adapter' | 'tokens'>;
  keySet(): KeySet;
  /** A provider with the configuration of the real one. */
  providerOf(parts: Pick<ProviderOptions, 'keySet' | 'store' | 'accounts'>): Provider;
}

/** Which tokens are previewed. */
export interface PreviewedRequest {
  /** Where the provider reads the user's claims. */
  accounts: Accounts;
  userId: string;
  clientId: string;
  scopes: readonly string[];
  /** Whether the application gets the ID of the session, for back-channel logout. */
  withSid: boolean;
  /** The API that the access token is for (RFC 8707); without one it is opaque. */
  resource?: string | undefined;
}

/** What the application would get, as it would get it. */
export interface IssuedPreview {
  idToken: string;
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  /** A JWT if the application wants it signed; undefined where the access token is not for userinfo. */
  userinfo?: string | Record<string, unknown>;
  /** Undefined where introspection is off, or the access token is a JWT. */
  introspection?: Record<string, unknown>;
}

/** The error of the token response (RFC 6749, section 5.2). */
export interface NotIssued {
  error: string;
  description: string;
}

export type IssuePreview = (request: PreviewedRequest) => Promise<IssuedPreview | NotIssued>;

/** The claims of a single sign-in, as long as they usually are. */
const SIGN_IN = {
  nonce: 'x'.repeat(43),
  acr: 'https://refeds.org/profile/sfa',
  amr: ['pwd', 'otp', 'mfa'],
};

const CODE = 'code';
const GRANT = 'x'.repeat(43);
const SESSION = 'x'.repeat(43);
const SID = 'x'.repeat(43);
const REDIRECT_URI = 'https://localhost/callback';
const SECONDS = 60;

/**
 * Has a provider redeem a code, and asks its userinfo and introspection endpoints with the access token: a provider of its
 * own, which is configured as the real one is, but stores nothing and does not authenticate the application. So a preview is
 * made by the code that issues tokens, and no token leaves this function's caller.
 */
export function createIssuePreview({ store, keySet, providerOf }: IssuePreviewOptions): IssuePreview {
  return async (request) => {
    const placed = modelsOf(request);
    const provider = providerOf({
      keySet: keySet(),
      store: createPreviewStore(store, placed),
      accounts: request.accounts,
    });
    trustClients(provider);
    const ask = createAskProvider(provider);
    const code = { grant_type: 'authorization_code', code: CODE, redirect_uri: REDIRECT_URI };
    const { body } = await ask('/token', { form: { client_id: request.clientId, ...code } });
    const reply = body as Partial<Record<string, string>>;
    const { id_token: idToken, access_token: accessToken } = reply;
    if (!idToken || !accessToken)
      return { error: reply['error'] ?? 'server_error', description: reply['error_description'] ?? '' };
    const issued = { idToken, accessToken, expiresIn: Number(reply['expires_in']) };
    if (request.resource) return issued;
    const userinfo = await ask('/me', { bearer: accessToken });
    const introspection = await ask('/token/introspection', {
      form: { client_id: request.clientId, token: accessToken },
    });
    return {
      ...issued,
      userinfo: userinfo.body as string | Record<string, unknown>,
      ...(introspection.status === 200 ? { introspection: introspection.body as Record<string, unknown> } : {}),
    };
  };
}

/** The code of a sign-in, and what was granted in it. */
function modelsOf({ userId, clientId, scopes, withSid, resource }: PreviewedRequest) {
  const iat = Math.floor(Date.now() / 1000);
  const scope = scopes.join(' ');
  const common = { accountId: userId, clientId, iat, exp: iat + SECONDS };
  const { nonce, acr, amr } = SIGN_IN;
  const code = {
    ...common,
    kind: 'AuthorizationCode',
    jti: CODE,
    grantId: GRANT,
    redirectUri: REDIRECT_URI,
    authTime: iat,
    scope,
    nonce,
    acr,
    amr,
    sessionUid: SESSION,
    expiresWithSession: true,
    ...(withSid ? { sid: SID } : {}),
    ...(resource ? { resource } : {}),
  };
  const grant = {
    ...common,
    kind: 'Grant',
    jti: GRANT,
    openid: { scope },
    ...(resource ? { resources: { [resource]: scope } } : {}),
  };
  const session = {
    ...common,
    kind: 'Session',
    jti: SESSION,
    uid: SESSION,
    loginTs: iat,
    authorizations: { [clientId]: { grantId: GRANT } },
  };
  return {
    AuthorizationCode: new Map([[CODE, code]]),
    Grant: new Map([[GRANT, grant]]),
    Session: new Map([[SESSION, session]]),
  };
}

/** Previews cannot prove to be the application. What it proves with changes nothing of what tokens say about a user. */
function trustClients({ Client: Clients }: Provider): void {
  const find = Clients.find.bind(Clients);
  // A cast, because the types know fewer fields than there are.
  Clients.find = async (id: string) => {
    const client = (await find(id)) as (Client & Record<string, unknown>) | undefined;
    return (
      client &&
      Object.assign(client, {
        tokenEndpointAuthMethod: 'none',
        grantTypes: [...(client.grantTypes ?? []), 'authorization_code'],
        dpopBoundAccessTokens: false,
        tlsClientCertificateBoundAccessTokens: false,
        security_profile: undefined,
      })
    );
  };
}
