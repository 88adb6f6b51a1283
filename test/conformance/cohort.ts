import { randomUUID } from 'node:crypto';
import type { ClientKey } from './keys.ts';
import type { Plan } from './plans.ts';

export interface CohortOptions {
  issuer: string;
  /** A service with the scopes `users:write`, `users:delete`, `applications:write` and `settings:write`. */
  clientId: string;
  clientSecret: string;
}

interface Discovery {
  userinfo_endpoint: string;
  mtls_endpoint_aliases?: { userinfo_endpoint: string };
}

const SCOPE = 'users:write users:delete applications:write settings:write';

/** A user about whom Cohort knows every claim that the suite asks for. */
const ada = (username: string, password: string) => ({
  username,
  password,
  first_name: 'Ada',
  last_name: 'Lovelace',
  locale: 'en',
  zoneinfo: 'Europe/London',
  picture: 'https://example.com/ada.png',
  middle_name: 'Augusta',
  nickname: 'Ada',
  profile: 'https://example.com/ada',
  website: 'https://example.com/',
  gender: 'female',
  birthdate: '1985-12-10',
  phone_number: '+442079460000',
  phone_number_verified: true,
  address: { street_address: '12 St James’s Square', locality: 'London', postal_code: 'SW1Y 4JH', country: 'GB' },
});

/** What a run needs of a Cohort, through its admin API. */
export function createCohort({ issuer, clientId, clientSecret }: CohortOptions) {
  async function token(): Promise<string> {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const reply = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE }),
    });
    if (!reply.ok) throw new Error(`The token endpoint returned ${reply.status}: ${await reply.text()}`);
    return ((await reply.json()) as { access_token: string }).access_token;
  }

  async function call(method: string, path: string, body?: object): Promise<Record<string, string>> {
    const reply = await fetch(`${issuer}/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} /v1/${path} returned ${reply.status}: ${text}`);
    return text ? (JSON.parse(text) as { result: Record<string, string> }).result : {};
  }

  return {
    /** A user with every standard claim; `remove` deletes them. */
    async addUser() {
      const user = { login: `conformance-${randomUUID()}@example.com`, password: `Cohort#${randomUUID()}` };
      const { user_id } = await call('POST', 'users', ada(user.login, user.password));
      return { ...user, remove: () => call('DELETE', `users/${user_id}`) };
    },

    /** An application for a plan of FAPI 2.0, which the suite knows by a key or a certificate. */
    async addApplication({ clients, variant }: Plan, redirectUri: string, { publicJwk }: ClientKey) {
      const isBound = variant['sender_constrain'] === 'mtls';
      const { client_id = '' } = await call('POST', 'applications', {
        name: 'Conformance',
        redirect_uris: [redirectUri, `${redirectUri}?dummy1=lorem&dummy2=ipsum`],
        security_profile: clients,
        token_endpoint_auth_method:
          variant['client_auth_type'] === 'mtls' ? 'self_signed_tls_client_auth' : 'private_key_jwt',
        jwks: { keys: [publicJwk] },
        ...(isBound ? { tls_client_certificate_bound_access_tokens: true } : {}),
        ...(clients === 'fapi2_message_signing' ? { request_object_signing_alg: 'PS256' } : {}),
      });
      return { clientId: client_id, remove: () => call('DELETE', `applications/${client_id}`) };
    },

    /** The resource that the suite calls with its tokens: at the host for certificates, where they are bound to one. */
    async userinfoUrl({ variant }: Plan): Promise<string> {
      const reply = await fetch(`${issuer}/.well-known/openid-configuration`);
      const { userinfo_endpoint: url, mtls_endpoint_aliases: aliases } = (await reply.json()) as Discovery;
      return variant['sender_constrain'] === 'mtls' ? (aliases?.userinfo_endpoint ?? url) : url;
    },

    rotateKeys: () => call('POST', 'keys/rotate', {}),
  };
}
