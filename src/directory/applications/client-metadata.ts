import type { Encryption } from '../../platform/encryption.ts';
import type { Application, ApplicationType, ClientMetadata } from './application.ts';
import { DEFAULT_CLAIM_POLICY } from './claim-policy.ts';

const SECRET_PURPOSE = 'client_secret';

/** The protocol's side of each type of application. */
const byType: Record<ApplicationType, Record<string, unknown>> = {
  web: {
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  spa: {
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  native: {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  service: {
    application_type: 'web',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_basic',
  },
};

export function defaultMetadata(type: ApplicationType): Record<string, unknown> {
  return { ...byType[type] };
}

/** Whether an application proves itself with a secret, which is the default (RFC 7591, section 2). */
export function usesSecret({
  token_endpoint_auth_method: method = 'client_secret_basic',
}: Application['metadata']): boolean {
  return typeof method === 'string' && method.startsWith('client_secret_');
}

export function encryptSecret(encryption: Encryption, clientId: string, secret: string): string {
  return encryption.encrypt(`${SECRET_PURPOSE}:${clientId}`, secret);
}

/** The secret of an application that keeps one. */
export function decryptSecret(encryption: Encryption, { id, encryptedSecret }: Application): string | undefined {
  return encryptedSecret ? encryption.decrypt(`${SECRET_PURPOSE}:${id}`, encryptedSecret) : undefined;
}

/** The secret before, as long as it is accepted beside the present one. */
export function decryptPreviousSecret(
  encryption: Encryption,
  { id, previousSecret }: Application,
  at: Date,
): string | undefined {
  if (!previousSecret || previousSecret.expiresAt <= at) return undefined;
  return encryption.decrypt(`${SECRET_PURPOSE}:${id}`, previousSecret.encrypted);
}

/** What the protocol library is told about an application: its metadata with the secret opened. */
export function toClientMetadata(encryption: Encryption, application: Application): ClientMetadata {
  const { id, name, metadata } = application;
  const secret = decryptSecret(encryption, application);
  // Told which session has ended, unless it has said itself that it need not know: of two, the other one goes on.
  const withSid = metadata['backchannel_logout_uri'] ? { backchannel_logout_session_required: true } : {};
  const known = {
    ...withSid,
    ...metadata,
    ...ofReceiver(application),
    client_id: id,
    client_name: name,
    require_pkce: application.requirePkce,
  };
  return secret === undefined ? known : { ...known, client_secret: secret };
}

/**
 * A receiver of security events asks for access tokens in its own name, and knows its sessions (`oidc/shared-signals/`).
 */
function ofReceiver({ signals, metadata }: Application): Record<string, unknown> {
  if (!signals?.shared) return {};
  const grants = new Set([...((metadata['grant_types'] ?? []) as string[]), 'client_credentials']);
  return { shared_signals: true, grant_types: [...grants] };
}

/** The other way: what dynamic registration (RFC 7591) made, as an application of ours. */
export function fromClientMetadata(encryption: Encryption, metadata: ClientMetadata, at: Date): Application {
  const { client_id: id, client_secret: secret, client_name: name, require_pkce: requirePkce, ...rest } = metadata;
  const isPublic = rest['token_endpoint_auth_method'] === 'none';
  const grants = Array.isArray(rest['grant_types']) ? (rest['grant_types'] as string[]) : [];
  const publicType = rest['application_type'] === 'native' ? 'native' : 'spa';
  const signInType = isPublic ? publicType : 'web';
  const type = grants.length === 1 && grants[0] === 'client_credentials' ? 'service' : signInType;
  return {
    id,
    name: typeof name === 'string' && name ? name : id,
    description: '',
    type,
    metadata: rest,
    ...(typeof secret === 'string' ? { encryptedSecret: encryptSecret(encryption, id, secret) } : {}),
    adminScopes: [],
    skipConsent: false,
    requirePkce: requirePkce === true,
    requiresSecondFactor: false,
    claimPolicy: DEFAULT_CLAIM_POLICY,
    createdAt: at,
    updatedAt: at,
  };
}
