import { z } from 'zod';
import {
  APPLICATION_TYPES,
  clientIdShape,
  newApplicationShape,
  ownChanges,
  type Application,
  type URI_FIELDS,
  type URI_LIST_FIELDS,
} from '../../directory/applications/application.ts';
import { accessRuleShape } from '../../directory/applications/access-rule.ts';
import { claimPolicyShape } from '../../directory/applications/claim-policy.ts';
import { signalSettingsShape } from '../../directory/applications/signal-settings.ts';
import { timeShape, type ColumnsOf } from './record-type.ts';
import type { CellForm } from './row.ts';

/** What an application is told apart from its metadata, and would be overruled by them. */
const OWN_FIELDS = ['client_id', 'client_secret', 'client_name', 'require_pkce'];

const metadataShape = z
  .record(z.string(), z.unknown())
  .refine((metadata) => OWN_FIELDS.every((name) => !Object.hasOwn(metadata, name)), {
    error: `must not contain ${OWN_FIELDS.join(', ')}, which have their own columns`,
  })
  .refine((metadata) => JSON.stringify(metadata).length <= 64 * 1024, 'must be at most 64 KiB of JSON');

const { name: _name, ...changes } = ownChanges;

export const applicationRowShape = z.strictObject({
  ...changes,
  client_id: clientIdShape,
  name: newApplicationShape.shape.name,
  type: z.enum(APPLICATION_TYPES, `must be one of ${APPLICATION_TYPES.join(', ')}`).optional(),
  client_secret: z.string().min(16, 'must have at least 16 characters').max(512).optional(),
  previous_client_secret: z
    .strictObject({ client_secret: z.string().min(1).max(512), expires_at: timeShape })
    .optional(),
  claim_policy: claimPolicyShape.optional(),
  access: accessRuleShape.optional(),
  signals: signalSettingsShape.optional(),
  metadata: metadataShape.optional(),
  created_at: timeShape.optional(),
  updated_at: timeShape.optional(),
});

export type ApplicationRow = z.output<typeof applicationRowShape>;

export type ApplicationColumn = ColumnsOf<
  Application,
  ApplicationRow,
  {
    id: 'client_id';
    name: 'name';
    description: 'description';
    type: 'type';
    metadata: 'metadata' | (typeof URI_LIST_FIELDS)[number] | (typeof URI_FIELDS)[number];
    encryptedSecret: 'client_secret';
    previousSecret: 'previous_client_secret';
    adminScopes: 'scopes';
    skipConsent: 'skip_consent';
    requirePkce: 'require_pkce';
    requiresSecondFactor: 'requires_second_factor';
    claimPolicy: 'claim_policy';
    access: 'access';
    signals: 'signals';
    createdAt: 'created_at';
    updatedAt: 'updated_at';
  }
>;

export const applicationColumns = {
  client_id: 'text',
  name: 'text',
  type: 'optional',
  description: 'text',
  redirect_uris: 'list',
  post_logout_redirect_uris: 'list',
  backchannel_logout_uri: 'optional',
  initiate_login_uri: 'optional',
  client_uri: 'optional',
  logo_uri: 'optional',
  policy_uri: 'optional',
  tos_uri: 'optional',
  scopes: 'list',
  skip_consent: 'flag',
  require_pkce: 'flag',
  requires_second_factor: 'flag',
  claim_policy: 'json',
  access: 'json',
  signals: 'json',
  client_secret: 'optional',
  previous_client_secret: 'json',
  metadata: 'json',
  created_at: 'optional',
  updated_at: 'optional',
} as const satisfies Record<ApplicationColumn, CellForm>;
