import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../../config/protocol-settings.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { secretsEqual } from '../../platform/ids.ts';
import type { GrantsOptions } from '../consent/consent.ts';

/** What Cohort signs with, and what applications may sign with. */
export function algorithms(own: SigningAlgorithm[]): Configuration['enabledJWA'] {
  const theirs: SigningAlgorithm[] = [...SIGNING_ALGORITHMS];
  return {
    idTokenSigningAlgValues: own,
    userinfoSigningAlgValues: own,
    introspectionSigningAlgValues: own,
    authorizationSigningAlgValues: own,
    clientAuthSigningAlgValues: theirs,
    requestObjectSigningAlgValues: theirs,
  };
}

export function authMethods({ clientCertificateHeader, clientCertificateVerifiedHeader }: Config): string[] {
  return [
    ...['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    ...(clientCertificateHeader ? ['self_signed_tls_client_auth'] : []),
    ...(clientCertificateVerifiedHeader ? ['tls_client_auth'] : []),
  ];
}

export const mustUsePkce = (_ctx: KoaContextWithOIDC, client: Client): boolean =>
  client.clientAuthMethod === 'none' || client['require_pkce'] === true || client['security_profile'] !== undefined;

// Browsers may call the token and userinfo endpoints from where an application lives, that is, from its redirect origins.
export function mayCallFrom(
  ctx: KoaContextWithOIDC,
  origin: string,
  client: { redirectUris?: string[] | undefined; clientAuthMethod?: string | undefined },
): boolean {
  if (origin === 'null') return false;
  const isForBrowsers = ctx.oidc.route === 'userinfo' || client.clientAuthMethod === 'none';
  return isForBrowsers && (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);
}

/**
 * A registration token (RFC 7592) reads the secret of its application and replaces its keys. It was given to whoever
 * registered the application, so it ends where an administrator gives the application scopes of the admin API.
 */
export function endRegistrations({ RegistrationAccessToken }: Provider, { findApplication }: GrantsOptions): void {
  const find = RegistrationAccessToken.find.bind(RegistrationAccessToken);
  RegistrationAccessToken.find = (async (value: string) => {
    const token = (await find(value)) as { clientId?: string } | undefined;
    const application = token?.clientId ? await findApplication(token.clientId) : undefined;
    return application && application.adminScopes.length > 0 ? undefined : token;
  }) as typeof RegistrationAccessToken.find;
}

/** While an application's secret is being rotated, the one before is accepted too. */
export function takePreviousSecrets(
  provider: Provider,
  { previousSecret }: Pick<Applications, 'previousSecret'>,
): void {
  // A cast, because the types leave out what clients do.
  const { prototype } = provider.Client as unknown as { prototype: SecretHolder };
  const { compareClientSecret } = prototype;
  prototype.compareClientSecret = async function (actual) {
    if (await compareClientSecret.call(this, actual)) return true;
    const previous = await previousSecret(this.clientId);
    return previous !== undefined && secretsEqual(previous, actual);
  };
}

/**
 * The client of an application is found by the metadata that is in memory. The provider would put all of it into a hash at each
 * request, to see whether it is still the same.
 */
export function rememberClients(provider: Provider, clientMetadata: Applications['clientMetadata']): void {
  const { Client } = provider;
  const { find } = Client;
  type Found = Awaited<ReturnType<typeof find>>;
  const made = new WeakMap<object, NonNullable<Found>>();
  Client.find = async function (id, ...rest): Promise<Found> {
    const metadata = typeof id === 'string' ? await clientMetadata(id) : undefined;
    const known = metadata && made.get(metadata);
    if (known) return known;
    const found = await find.call(this, id, ...rest);
    if (metadata && found) made.set(metadata, found);
    return found;
  };
}

/** Security events name the session that has ended, so the ID token must, as for back-channel logout. */
export function nameSessionsToReceivers(provider: Provider): void {
  // A cast, because the types leave out what clients do.
  const { prototype } = provider.Client as unknown as {
    prototype: { includeSid(): boolean; shared_signals?: boolean };
  };
  const { includeSid } = prototype;
  prototype.includeSid = function () {
    return includeSid.call(this) || this.shared_signals === true;
  };
}

interface SecretHolder {
  clientId: string;
  compareClientSecret(actual: string): boolean | Promise<boolean>;
}
