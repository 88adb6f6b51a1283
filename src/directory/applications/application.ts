import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { descriptionShape, shownNameShape } from '../../platform/names.ts';
import type { AccessRule } from './access-rule.ts';
import type { ClaimPolicy } from './claim-policy.ts';
import { presentProtocol, protocolChanges, protocolReply } from './protocol-fields.ts';
import { faultOfRedirectUri } from './redirect-uri.ts';
import type { SignalSettings } from './signal-settings.ts';

/** web: with a server that keeps a secret; spa: in the browser; native: on a device; service: acts for itself. */
export const APPLICATION_TYPES = ['web', 'spa', 'native', 'service'] as const;
export type ApplicationType = (typeof APPLICATION_TYPES)[number];

/** OAuth client metadata under its registered names (RFC 7591, section 2; OpenID Connect Registration 1.0). */
export type ClientMetadata = Record<string, unknown> & { client_id: string };

/** The fields of an application with several URIs, and with one at most. */
export const URI_LIST_FIELDS = ['redirect_uris', 'post_logout_redirect_uris'] as const;
/** Those that users see when they sign in. */
export const PAGE_URI_FIELDS = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;
export const URI_FIELDS = ['backchannel_logout_uri', 'initiate_login_uri', ...PAGE_URI_FIELDS] as const;

/** A relying party or a service. */
export interface Application {
  /** The client id. */
  id: string;
  name: string;
  description: string;
  type: ApplicationType;
  /** Everything else the protocol knows about it, without the secret. */
  metadata: Record<string, unknown>;
  /** Encrypted; absent for public clients and for those that sign with a key of their own. */
  encryptedSecret?: string;
  /** The secret before, while an application still uses it. */
  previousSecret?: { encrypted: string; expiresAt: Date };
  /** The scopes of the admin API that it may ask for. */
  adminScopes: string[];
  /** True for the operator's own applications: users are not asked for consent. */
  skipConsent: boolean;
  /** PKCE (RFC 7636) is required of public clients in any case. */
  requirePkce: boolean;
  /** Require MFA to sign in to it. */
  requiresSecondFactor: boolean;
  claimPolicy: ClaimPolicy;
  /** Who may sign in to it; absent for everyone. */
  access?: AccessRule | undefined;
  /** How it learns of changes; absent if it does not. */
  signals?: SignalSettings | undefined;
  createdAt: Date;
  updatedAt: Date;
}

export const ApplicationNotFound = defineError(
  'missing',
  'application_not_found',
  'No application has this client ID.',
);
export const ClientIdTaken = defineError('conflict', 'client_id_taken', 'The client ID is already taken.');
export const UnknownScope = defineError('invalid', 'unknown_scope', 'The admin API does not have one of these scopes.');
export const NoSecret = defineError('conflict', 'no_secret', 'This application has no client secret.');
export const NotASignInClient = defineError(
  'conflict',
  'not_a_sign_in_client',
  'Services do not sign users in and receive no claims about them.',
);
export const InvalidApplication = defineError(
  'invalid',
  'invalid_application',
  'This configuration of the application is not valid.',
);

export const clientIdShape = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{1,99}$/, 'must be 2 to 100 letters, digits, dots, dashes or underscores');

const address = z
  .string()
  .max(2000)
  .superRefine((uri, ctx) => {
    const fault = faultOfRedirectUri(uri);
    if (fault) ctx.addIssue({ code: 'custom', message: fault });
  });
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2000);
// The consent page shows the name, so it must not be able to look like another one.
export const applicationNameShape = shownNameShape;
const addresses = z
  .array(address)
  .max(50)
  .transform((uris) => [...new Set(uris)]);

const fields = {
  name: applicationNameShape,
  description: descriptionShape,
  redirect_uris: addresses.meta({
    description: 'URIs to which users may return after sign-in. Compared exactly, as strings.',
    example: ['https://app.example.com/callback'],
  }),
  post_logout_redirect_uris: addresses,
  backchannel_logout_uri: webAddress,
  initiate_login_uri: z.url({ protocol: /^https$/, error: 'must be an https URL' }).max(2000),
  client_uri: webAddress.meta({ description: 'Home page, shown when users are asked for consent.' }),
  logo_uri: webAddress.meta({
    description:
      'Logo, shown when users sign in. Cohort fetches it: a PNG, JPEG, WebP or GIF image of at most 256 KiB and 2048 by 2048 pixels.',
  }),
  policy_uri: webAddress.meta({ description: 'Privacy policy, linked when users sign in.' }),
  tos_uri: webAddress.meta({ description: 'Terms of service, linked when users sign in.' }),
  scopes: z
    .array(z.string().max(100))
    .max(50)
    .transform((scopes) => [...new Set(scopes)])
    .meta({
      description: 'Scopes of the admin API that it may request with client credentials.',
      example: ['groups:read'],
    }),
  skip_consent: z.boolean(),
  require_pkce: z.boolean(),
  requires_second_factor: z.boolean().meta({ description: 'Require MFA to sign in to it.' }),
};

export const newApplicationShape = z.strictObject({
  client_id: clientIdShape.optional().meta({ description: 'Generated if omitted.' }),
  name: fields.name,
  type: z.enum(APPLICATION_TYPES).default('web'),
  description: fields.description.default(''),
  redirect_uris: fields.redirect_uris.default([]),
  post_logout_redirect_uris: fields.post_logout_redirect_uris.default([]),
  backchannel_logout_uri: fields.backchannel_logout_uri.optional(),
  initiate_login_uri: fields.initiate_login_uri.optional(),
  client_uri: fields.client_uri.optional(),
  logo_uri: fields.logo_uri.optional(),
  policy_uri: fields.policy_uri.optional(),
  tos_uri: fields.tos_uri.optional(),
  scopes: fields.scopes.default([]),
  skip_consent: fields.skip_consent.default(false),
  require_pkce: fields.require_pkce.default(false),
  requires_second_factor: fields.requires_second_factor.default(false),
  ...protocolChanges,
});

const optionalFields = Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, shape.optional()])) as {
  [Name in keyof typeof fields]: z.ZodOptional<(typeof fields)[Name]>;
};

/** What is ours in a change: everything but the metadata that go through to the provider. */
export const ownChanges = {
  ...optionalFields,
  backchannel_logout_uri: fields.backchannel_logout_uri.nullable().optional(),
  initiate_login_uri: fields.initiate_login_uri.nullable().optional(),
  client_uri: fields.client_uri.nullable().optional(),
  logo_uri: fields.logo_uri.nullable().optional(),
  policy_uri: fields.policy_uri.nullable().optional(),
  tos_uri: fields.tos_uri.nullable().optional(),
};

/** A field that is left out stays as it is; null takes it away. */
export const applicationChangeShape = z.strictObject({ ...ownChanges, ...protocolChanges });

export type NewApplication = z.output<typeof newApplicationShape>;
export type ApplicationChange = z.output<typeof applicationChangeShape>;

const replyFields = {
  client_id: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.enum(APPLICATION_TYPES),
  redirect_uris: z.array(z.string()),
  post_logout_redirect_uris: z.array(z.string()),
  backchannel_logout_uri: z.string().nullable(),
  initiate_login_uri: z.string().nullable(),
  client_uri: z.string().nullable(),
  logo_uri: z.string().nullable(),
  policy_uri: z.string().nullable(),
  tos_uri: z.string().nullable(),
  scopes: z.array(z.string()),
  skip_consent: z.boolean(),
  require_pkce: z.boolean(),
  requires_second_factor: z.boolean(),
  ...protocolReply,
  previous_secret_expires_at: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Until when the secret before is accepted, too.' }),
  created_at: z.number().int(),
  updated_at: z.number().int(),
};

export const applicationReply = z.strictObject(replyFields).meta({ id: 'Application' });

/** The one reply that carries the secret: it cannot be asked for again. */
export const applicationWithSecretReply = z
  .strictObject({
    ...replyFields,
    client_secret: z.string().nullable().meta({ description: 'Shown only once. null for a public client.' }),
  })
  .meta({ id: 'ApplicationWithSecret' });

const strings = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);
const text = (value: unknown) => (typeof value === 'string' ? value : null);

export function presentApplication({ metadata, ...application }: Application): z.input<typeof applicationReply> {
  return {
    client_id: application.id,
    name: application.name,
    description: application.description,
    type: application.type,
    redirect_uris: strings(metadata['redirect_uris']),
    post_logout_redirect_uris: strings(metadata['post_logout_redirect_uris']),
    backchannel_logout_uri: text(metadata['backchannel_logout_uri']),
    initiate_login_uri: text(metadata['initiate_login_uri']),
    client_uri: text(metadata['client_uri']),
    logo_uri: text(metadata['logo_uri']),
    policy_uri: text(metadata['policy_uri']),
    tos_uri: text(metadata['tos_uri']),
    scopes: application.adminScopes,
    skip_consent: application.skipConsent,
    require_pkce: application.requirePkce,
    requires_second_factor: application.requiresSecondFactor,
    ...presentProtocol(metadata),
    previous_secret_expires_at: application.previousSecret ? unixSeconds(application.previousSecret.expiresAt) : null,
    created_at: unixSeconds(application.createdAt),
    updated_at: unixSeconds(application.updatedAt),
  };
}
