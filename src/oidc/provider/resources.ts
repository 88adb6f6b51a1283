import { errors, type Client, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { Contributions } from '../../directory/module.ts';
import { SIGNAL_SCOPES } from '../shared-signals/receiver.ts';
import type { Application } from '../../directory/applications/application.ts';

export interface ResourcesOptions {
  /** The audience of tokens for the admin API. */
  adminApi: string;
  /** The audience of tokens with which applications manage their streams of security events. */
  sharedSignals: string;
  /** Those that there are keys for. */
  signingAlgorithms: readonly string[];
  /** Other APIs that applications may ask tokens for. */
  others: string[];
  otherScopes: string;
  contributions: Pick<Contributions, 'claimSources'>;
  accessTokenSeconds: number;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/** Which APIs tokens can be made for (RFC 8707), and what each of them understands. Their tokens are JWTs (RFC 9068). */
export function createResources({
  adminApi,
  sharedSignals,
  signingAlgorithms,
  others,
  otherScopes,
  contributions,
  accessTokenSeconds,
  findApplication,
}: ResourcesOptions) {
  const tokens = {
    accessTokenFormat: 'jwt',
    accessTokenTTL: accessTokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  } as const;
  // Cohort reads them itself, and signs them in a twentieth of the time. Other APIs may know only what all know.
  const alg = signingAlgorithms.includes('ES256') ? 'ES256' : 'RS256';
  const ownTokens = { ...tokens, jwt: { sign: { alg } } } as const;

  return {
    /** A service that names no resource means the admin API; an application that signs users in, its streams. */
    async defaultResource(
      ctx: KoaContextWithOIDC,
      client: Client,
      oneOf?: string[],
    ): Promise<string | string[] | undefined> {
      if (oneOf) return oneOf;
      if (!isClientCredentials(ctx)) return undefined;
      return (await findApplication(client.clientId))?.type === 'web' ? sharedSignals : adminApi;
    },

    /** @throws InvalidTarget for an API that Cohort does not know */
    async getResourceServerInfo(ctx: KoaContextWithOIDC, resource: string, client: Client): Promise<ResourceServer> {
      if (resource === adminApi) {
        if (!isClientCredentials(ctx)) throw new errors.InvalidTarget('only services may use the admin API');
        const scopes = (await findApplication(client.clientId))?.adminScopes ?? [];
        return { ...ownTokens, audience: adminApi, scope: scopes.join(' ') };
      }
      if (resource === sharedSignals) {
        if (!isClientCredentials(ctx)) throw new errors.InvalidTarget('applications ask for this in their own name');
        const isReceiver = (await findApplication(client.clientId))?.signals?.shared;
        return { ...ownTokens, audience: sharedSignals, scope: isReceiver ? SIGNAL_SCOPES.join(' ') : '' };
      }
      if (!others.includes(resource)) throw new errors.InvalidTarget('this resource is not registered');
      if (isClientCredentials(ctx) && !asksForItself(await findApplication(client.clientId)))
        throw new errors.InvalidTarget('in its own name, this application may only ask for shared signals');
      const claimScopes = contributions.claimSources.map(({ scope }) => scope);
      return { ...tokens, audience: resource, scope: [otherScopes, ...claimScopes].join(' ') };
    },
  };
}

/** Receivers of security events have the grant too, and for nothing else. */
const asksForItself = (application: Application | undefined): boolean =>
  ((application?.metadata['grant_types'] ?? []) as string[]).includes('client_credentials');

// A user's token must never open the admin API, whatever the application that it was issued to may do by itself.
function isClientCredentials({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.route === 'token' && oidc.params?.['grant_type'] === 'client_credentials';
}
