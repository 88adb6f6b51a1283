import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import { ACR_VALUES } from '../../platform/assurance.ts';
import type { Contributions } from '../../directory/module.ts';
import type { Accounts } from '../claims/account.ts';
import { claimsByScope } from '../claims/standard-claims.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import {
  algorithms,
  authMethods,
  endRegistrations,
  mayCallFrom,
  mustUsePkce,
  nameSessionsToReceivers,
  rememberClients,
  takePreviousSecrets,
} from './client-rules.ts';
import { clientCertificates } from './client-certificates.ts';
import { subjectFor } from '../claims/pairwise-subject.ts';
import { extraClientMetadata, fapi } from './security-profile.ts';
import type { ProtocolStore } from './adapter.mongo.ts';
import { loadExistingGrant, type GrantsOptions } from '../consent/consent.ts';
import { tellWhenDatabaseIsAway, translated } from './database-away.ts';
import { cookieScopeOf, isHttps } from '../../platform/issuer.ts';
import { createSsrfSafeFetch, mayCallPrivateNetworks } from '../../platform/ssrf-safe-fetch.ts';
import { cibaFeature, lifetimeOf } from '../ciba/ciba-feature.ts';
import type { CibaRequests } from '../ciba/sign-in-requests.ts';
import type { KeySet } from '../keys/keys.ts';
import { pageOf } from './carried-interactions.ts';
import { carryState, type CarriedTokens } from './carried-state.ts';
import { introspection } from './introspection.ts';
import { createLifetimes } from './lifetimes.ts';
import { takeLoopbackNames } from './loopback-names.ts';
import { SELECT_ACCOUNT } from '../sign-in/account-choice.ts';
import { signInPolicy } from '../sign-in/sign-in-policy.ts';
import { isBearer, isDue, mayGoOn, type Bound, type RefreshState } from './refresh-rotation.ts';
import type { createProviderPages } from './provider-pages.ts';
import type { createResources } from './resources.ts';
import type { Situations } from '../sign-in/situations.ts';
import { carryProofMarks } from '../sessions/proof-marks.ts';
import { tellSpecialClaims } from '../claims/special-claims.ts';
import { tellTruthfulAcr } from '../sign-in/requested-acr.ts';

const FETCH_LIMIT_BYTES = 64 * 1024;

/** Where the provider keeps what it has. */
export interface ProviderStore extends Pick<ProtocolStore, 'adapter' | 'claimOnce'> {
  tokens: CarriedTokens;
}

export interface ProviderOptions {
  config: Config;
  keySet: KeySet;
  store: ProviderStore;
  accounts: Accounts;
  now: Clock;
  grants: GrantsOptions;
  resources: ReturnType<typeof createResources>;
  pages: ReturnType<typeof createProviderPages>;
  contributions: Contributions;
  applications: Pick<Applications, 'previousSecret' | 'clientMetadata'>;
  situations: Situations;
  signInRequests: Pick<CibaRequests, 'ask' | 'findUserId'>;
}

/** node-oidc-provider, configured. A new one is made when the keys change; all of its state is in the database. */
export function createProvider(options: ProviderOptions): Provider {
  const { config, store } = options;
  const provider = new Provider(config.issuer, tellWhenDatabaseIsAway(toConfiguration(options)));
  provider.proxy = config.trustedProxies > 0;
  carryProofMarks(provider);
  carryState(provider, store.tokens);
  tellTruthfulAcr(provider);
  tellSpecialClaims(provider);
  takeLoopbackNames(provider);
  // The provider looks first and writes later; here the insertion itself decides (RFC 9449, section 11.1).
  provider.ReplayDetection.unique = translated((issuer: string, jti: string, expiry?: number) =>
    store.claimOnce(`${issuer} ${jti}`, new Date((expiry ?? 0) * 1000)),
  );
  endRegistrations(provider, options.grants);
  takePreviousSecrets(provider, options.applications);
  rememberClients(provider, translated(options.applications.clientMetadata));
  nameSessionsToReceivers(provider);
  return provider;
}

function toConfiguration(options: ProviderOptions): Configuration {
  const { config, keySet, store, accounts, now, grants } = options;
  const { claimSources, signInLinks } = options.contributions;
  const standard = claimsByScope(config.userAttributes ?? []);
  const lifetimes = createLifetimes({ config, now });
  return {
    adapter: (name: string) => store.adapter(name),
    jwks: keySet.jwks,
    cookies: cookies(keySet, config.issuer),
    findAccount: accounts.find,
    loadExistingGrant: loadExistingGrant(grants),
    interactions: {
      policy: signInPolicy(options),
      url: (_ctx, { uid }) => pageOf(config.issuer, uid),
    },
    discovery: {
      claim_types_supported: ['normal', 'distributed'],
      ui_locales_supported: config.languages,
      // OpenID Connect Initiating User Registration 1.0, section 4.
      prompt_values_supported: [
        ...['none', 'login', 'consent', SELECT_ACCOUNT],
        ...signInLinks.flatMap(({ prompt }) => prompt ?? []),
      ],
    },
    features: features(options),
    scopes: ['openid', 'offline_access', ...Object.keys(standard), ...claimSources.map(({ scope }) => scope)],
    claims: {
      iss: null,
      sid: null,
      openid: ['sub', 'acr', 'amr', 'auth_time', ...claimSources.flatMap((source) => source.claims)],
      ...standard,
    },
    acrValues: ACR_VALUES,
    // My Account and the console sign users in with `none`.
    responseTypes: [...config.responseTypes, 'none'],
    enabledJWA: algorithms(config.signingAlgorithms),
    clientAuthMethods: authMethods(config),
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) =>
      subjectFor(keySet, accountId, { id: client.clientId, metadata: client.metadata() }),
    conformIdTokenClaims: true,
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
    extraClientMetadata,
    pkce: { required: mustUsePkce },
    async extraTokenClaims(_ctx, token) {
      return token.kind === 'AccessToken' && token.aud ? claimsOfAccessToken(accounts, token) : undefined;
    },
    // Without this the provider drops offline_access unless the request says prompt=consent, which hardly anybody does.
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('openid'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    rotateRefreshToken: mustRotate,
    // A token that was revoked ends with its grant; the next authorization makes one again from the consent.
    revokeGrantPolicy: () => true,
    clientBasedCORS: mayCallFrom,
    fetch: createSsrfSafeFetch({ allowPrivate: mayCallPrivateNetworks(config) }),
    fetchResponseBodyLimits: { jwks_uri: FETCH_LIMIT_BYTES, sector_identifier_uri: FETCH_LIMIT_BYTES },
    renderError: options.pages.renderError,
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: config.codeSeconds,
      BackchannelAuthenticationRequest: lifetimeOf,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? config.accessTokenSeconds,
      DeviceCode: 600,
      IdToken: lifetimes.idToken,
      Interaction: config.interactionSeconds,
      RefreshToken: lifetimes.refreshToken,
      Session: config.sessionSeconds,
    },
  } as Configuration;
}

function features({ config, resources, pages, accounts, signInRequests }: ProviderOptions): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: config.backchannelLogout },
    ciba: cibaFeature({ enabled: config.ciba, requests: signInRequests }),
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: config.clientCredentials },
    deviceFlow: {
      enabled: config.deviceFlow,
      userCodeInputSource: pages.userCodeInputSource,
      userCodeConfirmSource: pages.userCodeConfirmSource,
      successSource: pages.successSource,
    },
    dPoP: { enabled: config.dpop },
    ...introspection(config, accounts),
    fapi,
    jwtResponseModes: { enabled: config.jwtResponses },
    jwtUserinfo: { enabled: true },
    mTLS: clientCertificates(config),
    pushedAuthorizationRequests: { enabled: config.pushedRequests },
    registration: { enabled: config.registration, initialAccessToken: true },
    registrationManagement: { enabled: config.registration, rotateRegistrationAccessToken: true },
    requestObjects: { enabled: config.requestObjects },
    // RFC 8707, section 2.2: a token request without `resource` means that of the authorization request.
    resourceIndicators: { enabled: true, ...resources, useGrantedResource: async () => true },
    revocation: {
      enabled: config.revocation,
      allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: pages.logoutSource,
      postLogoutSuccessSource: pages.postLogoutSuccessSource,
    },
    userinfo: { enabled: true },
  } as Configuration['features'];
}

function cookies({ cookieKeys }: KeySet, issuer: string): Configuration['cookies'] {
  const https = isHttps(issuer);
  const { path, prefix } = cookieScopeOf(issuer);
  const flags = { httpOnly: true, sameSite: 'lax', signed: true, secure: https, overwrite: true } as const;
  return {
    // `__Host-` wants the path `/`, which the cookies of a single interaction do not have.
    names: https
      ? { session: `${prefix}session`, interaction: '__Secure-interaction', resume: '__Secure-resume' }
      : { session: 'session', interaction: 'interaction', resume: 'resume' },
    keys: cookieKeys,
    long: { ...flags, path },
    short: flags,
  };
}

/** A JWT access token (RFC 9068) carries the claims of the scopes that its resource understands. */
async function claimsOfAccessToken(
  accounts: Accounts,
  token: { accountId?: string | undefined; clientId?: string | undefined; scope?: string | undefined },
): Promise<Record<string, unknown> | undefined> {
  const user = token.accountId ? await accounts.findUser(token.accountId) : undefined;
  if (!user) return undefined;
  return accounts.readByScope(user, token.clientId ?? '', 'access_token', new Set((token.scope ?? '').split(' ')));
}

function mustRotate({ oidc: { entities, client } }: KoaContextWithOIDC): boolean {
  // A cast, because the type lacks the times that every stored token has.
  const token = entities.RefreshToken as (RefreshState & Bound) | undefined;
  const now = Math.floor(Date.now() / 1000);
  return token !== undefined && mayGoOn(token, now) && (isBearer(client, token) || isDue(token, now));
}
