import { z } from 'zod';
import { RESPONSE_TYPES, SIGNING_ALGORITHMS } from '../../../config/protocol-settings.ts';
import { SECURITY_PROFILES } from './security-profile.ts';

/** How an application proves at the token endpoint who it is (RFC 7591, section 2; RFC 8705, section 2). */
export const AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const;

/** How an application hears that a user has approved a sign-in (OpenID Connect CIBA Core 1.0, section 5). */
export const DELIVERY_MODES = ['poll', 'ping'] as const;

export const SUBJECT_TYPES = ['public', 'pairwise'] as const;

/** Members of a JWK that are secret (RFC 7518, section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const publicKey = z.looseObject({ kty: z.string().min(1).max(20) }).superRefine((jwk, ctx) => {
  for (const member of PRIVATE_MEMBERS.filter((name) => name in jwk))
    ctx.addIssue({ code: 'custom', path: [member], message: 'must not be there: register public keys only' });
});

const jwks = z
  .strictObject({ keys: z.array(publicKey).min(1, 'must contain at least one key').max(20) })
  .refine((keys) => JSON.stringify(keys).length <= 32 * 1024, 'must be at most 32 KiB of JSON');

const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' }).max(2000);
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2000);
const text = z.string().min(1).max(500);
const algorithm = z.enum(SIGNING_ALGORITHMS);

/**
 * Client metadata under their registered names (RFC 7591, 8705, 9101, 9126, 9449; OpenID Connect Registration 1.0; JARM) that
 * most applications leave as they are. `security_profile` is ours.
 */
const fields = {
  token_endpoint_auth_method: z.enum(AUTH_METHODS),
  jwks: jwks.meta({ description: 'Public keys (RFC 7517) for `private_key_jwt`, request objects and certificates.' }),
  jwks_uri: webUrl.meta({ description: 'Instead of `jwks`: where Cohort fetches the public keys.' }),
  tls_client_auth_subject_dn: text.meta({ description: 'The subject of the certificate (RFC 4514).' }),
  tls_client_auth_san_dns: text,
  tls_client_auth_san_uri: text,
  tls_client_auth_san_ip: text,
  tls_client_auth_san_email: text,
  tls_client_certificate_bound_access_tokens: z.boolean(),
  dpop_bound_access_tokens: z.boolean(),
  require_pushed_authorization_requests: z.boolean(),
  require_signed_request_object: z.boolean(),
  request_object_signing_alg: z.enum(SIGNING_ALGORITHMS),
  response_types: z
    .array(z.enum(RESPONSE_TYPES))
    .min(1)
    .max(RESPONSE_TYPES.length)
    .transform((types) => [...new Set(types)])
    .meta({ description: 'Of those that `COHORT_RESPONSE_TYPES` allows.' }),
  id_token_signed_response_alg: algorithm,
  userinfo_signed_response_alg: algorithm.meta({ description: 'Userinfo is a JWT then.' }),
  authorization_signed_response_alg: algorithm,
  introspection_signed_response_alg: algorithm.meta({
    description: 'For introspection responses as JWT (RFC 9701), which an application gets if it accepts them.',
  }),
  subject_type: z.enum(SUBJECT_TYPES).meta({
    description: '`pairwise`: a `sub` that no application of another sector knows (OpenID Connect Core 8.1).',
  }),
  sector_identifier_uri: httpsUrl,
  backchannel_token_delivery_mode: z
    .enum(DELIVERY_MODES)
    .meta({ description: 'Set for an application that may ask users to approve a sign-in elsewhere (CIBA).' }),
  backchannel_client_notification_endpoint: httpsUrl.meta({
    description: 'Where Cohort says that tokens are ready, for `ping`.',
  }),
  security_profile: z
    .enum(SECURITY_PROFILES)
    .meta({ description: 'Holds the application to FAPI 2.0, and sets what that demands.' }),
};

export type ProtocolField = keyof typeof fields;
export const PROTOCOL_FIELDS = Object.keys(fields) as ProtocolField[];

type Nullable = { [Name in ProtocolField]: z.ZodOptional<z.ZodNullable<(typeof fields)[Name]>> };

/** In a new application or a change of one; null is the default. */
export const protocolChanges = Object.fromEntries(
  Object.entries(fields).map(([name, shape]) => [name, shape.nullable().optional()]),
) as Nullable;

/** What applies of them. Dynamic registration may have left values that the API does not take. */
const word = z.string();
export const protocolReply = {
  token_endpoint_auth_method: word,
  jwks: z.record(z.string(), z.unknown()).nullable(),
  jwks_uri: word.nullable(),
  tls_client_auth_subject_dn: word.nullable(),
  tls_client_auth_san_dns: word.nullable(),
  tls_client_auth_san_uri: word.nullable(),
  tls_client_auth_san_ip: word.nullable(),
  tls_client_auth_san_email: word.nullable(),
  tls_client_certificate_bound_access_tokens: z.boolean(),
  dpop_bound_access_tokens: z.boolean(),
  require_pushed_authorization_requests: z.boolean(),
  require_signed_request_object: z.boolean(),
  request_object_signing_alg: word.nullable(),
  response_types: z.array(word),
  id_token_signed_response_alg: word,
  userinfo_signed_response_alg: word.nullable(),
  authorization_signed_response_alg: word,
  introspection_signed_response_alg: word,
  subject_type: word,
  sector_identifier_uri: word.nullable(),
  backchannel_token_delivery_mode: word.nullable(),
  backchannel_client_notification_endpoint: word.nullable(),
  security_profile: word.nullable(),
} satisfies Record<ProtocolField, z.ZodType>;

type Replied = z.input<z.ZodObject<typeof protocolReply>>;

export type ProtocolChange = z.output<z.ZodObject<Nullable>>;

/** What applies where the metadata say nothing. */
const DEFAULTS: Partial<Record<ProtocolField, unknown>> = {
  token_endpoint_auth_method: 'client_secret_basic',
  tls_client_certificate_bound_access_tokens: false,
  dpop_bound_access_tokens: false,
  require_pushed_authorization_requests: false,
  require_signed_request_object: false,
  response_types: ['code'],
  id_token_signed_response_alg: 'RS256',
  authorization_signed_response_alg: 'RS256',
  introspection_signed_response_alg: 'RS256',
  subject_type: 'public',
};

/** What applies of an application's metadata; null where nothing does. */
export function presentProtocol(metadata: Record<string, unknown>): Replied {
  const values = PROTOCOL_FIELDS.map((name) => [name, metadata[name] ?? DEFAULTS[name] ?? null]);
  // A cast, because the metadata were checked by these shapes, or by the provider at registration.
  return Object.fromEntries(values) as Replied;
}

/** The given fields of a change; null where one goes back to its default. */
export function protocolOf(change: ProtocolChange): Record<string, unknown> {
  const given = PROTOCOL_FIELDS.filter((name) => change[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, change[name]]));
}
