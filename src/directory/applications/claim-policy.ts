import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import type { Fault } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';

/** The four places where claims about a user can be included. */
export const CLAIM_USES = ['id_token', 'userinfo', 'access_token', 'introspection'] as const;
export type ClaimUse = (typeof CLAIM_USES)[number];

/** The form of a group: its name, its ID, or its path, which starts with the names of its parent groups: `/Crew/Pilots`. */
export const GROUP_FORMATS = ['name', 'id', 'path'] as const;
export type GroupFormat = (typeof GROUP_FORMATS)[number];

/** Scopes whose claims OpenID Connect Core 5.4 leaves to userinfo. */
export const ID_TOKEN_SCOPES = ['profile', 'email', 'phone', 'address'] as const;
export type IdTokenScope = (typeof ID_TOKEN_SCOPES)[number];

/** Which names of a group that was renamed an application receives: in paths, also those of its parent groups. */
export const RENAMED_GROUPS = ['current', 'former', 'both'] as const;
export type RenamedGroups = (typeof RENAMED_GROUPS)[number];

/** Fits, with the rest of an ID token, into the 8 KiB of headers that most proxies take. */
const LIMIT_BYTES = 6 * 1024;
/** With the rest of an ID token, half of what a request may have as its URL and headers (`platform/http/head-limits.ts`). */
const MOST_BYTES = 32 * 1024;

/** Which groups an application receives, and in which form. */
export interface ClaimPolicy {
  /** Name of the claim. */
  claim: string;
  format: GroupFormat;
  /** Only these groups; all groups if there is no list. */
  groupIds?: Id[];
  /** Only groups whose names start with this prefix. */
  prefix: string;
  /** Removes the prefix from the names. */
  stripPrefix: boolean;
  renamedGroups: RenamedGroups;
  /** From then on, current names alone. */
  renamedGroupsUntil?: Date | undefined;
  /** Only direct memberships, without parent groups. */
  directOnly: boolean;
  /** Where groups and roles are included. */
  tokens: ClaimUse[];
  /** In a token of more groups, or roles, than this the list is a distributed claim (OpenID Connect Core 5.6.2). */
  limit: number;
  /** So too where groups and roles would take more bytes than this in a token, together and encoded. */
  limitBytes: number;
  /** Scopes whose claims are in the ID token too, for applications that do not call userinfo. */
  idTokenScopes: IdTokenScope[];
}

export const DEFAULT_CLAIM_POLICY: ClaimPolicy = {
  claim: 'groups',
  format: 'name',
  prefix: '',
  stripPrefix: false,
  renamedGroups: 'current',
  directOnly: false,
  tokens: [...CLAIM_USES],
  limit: 200,
  limitBytes: LIMIT_BYTES,
  idTokenScopes: [],
};

/** Claims with a meaning of their own: RFC 7519, 7662, 9068, OpenID Connect Core 2, 5.1 and 5.6, and the claim of the roles. */
const TAKEN = new Set(
  `iss sub aud exp nbf iat jti nonce auth_time acr amr azp at_hash c_hash s_hash sid cnf act may_act events scope client_id
  active username token_type roles name given_name family_name middle_name nickname preferred_username profile picture
  website email email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at
  _claim_names _claim_sources __proto__ constructor prototype`.split(/\s+/),
);

const claimShape = z
  .string()
  .regex(
    /^[A-Za-z_][\w:./-]{0,99}$/,
    'must be 1 to 100 letters, digits and any of _ : . / -, and start with a letter or _',
  )
  .refine((name) => !TAKEN.has(name), 'has a different meaning in tokens');

/** The year 3000: later times are milliseconds by mistake. */
const LAST_SECOND = 32_503_680_000;

const untilShape = z
  .number()
  .int()
  .min(0)
  .max(LAST_SECOND, 'must be a time in Unix seconds, before the year 3000')
  .transform((seconds) => new Date(seconds * 1000))
  .nullable()
  .meta({
    description:
      'Until when `renamed_groups` counts, in Unix seconds: from then on, current names alone. null for no end.',
    example: 1_780_000_000,
  });

export const claimPolicyShape = z.strictObject({
  claim: claimShape.default(DEFAULT_CLAIM_POLICY.claim).meta({
    description: 'Name of the claim.',
    example: 'https://app.example.com/groups',
  }),
  format: z.enum(GROUP_FORMATS).default(DEFAULT_CLAIM_POLICY.format).meta({
    description:
      'A path consists of the names of the parent groups and the name of the group, such as `/Crew/Pilots`. `~1` stands for a slash in a name and `~0` for a tilde (RFC 6901).',
  }),
  group_ids: z
    .array(idShape)
    .max(1000, 'must have at most 1000 groups')
    .transform((ids) => [...new Set(ids)])
    .nullable()
    .default(null)
    .meta({ description: 'Only these groups. An empty list includes no groups; null includes all.' }),
  prefix: z.string().max(200, 'must have at most 200 characters').default('').meta({
    description: 'Only groups whose names start with this prefix.',
    example: 'app-',
  }),
  strip_prefix: z.boolean().default(false).meta({ description: 'Remove the prefix from the names.' }),
  renamed_groups: z.enum(RENAMED_GROUPS).default(DEFAULT_CLAIM_POLICY.renamedGroups).meta({
    description:
      'What the claim lists for a group that was renamed: its current name, its former names instead, or both. With the format `path`, also for renamed parent groups.',
  }),
  renamed_groups_until: untilShape.default(null),
  direct_only: z.boolean().default(false).meta({
    description: 'Only direct memberships, without parent groups.',
  }),
  tokens: z
    .array(z.enum(CLAIM_USES))
    .transform((uses) => CLAIM_USES.filter((use) => uses.includes(use)))
    .default([...CLAIM_USES])
    .meta({ description: 'Where groups and roles are included.' }),
  limit: z
    .number()
    .int()
    .min(1, 'must be at least 1')
    .max(1000, 'must be at most 1000')
    .default(DEFAULT_CLAIM_POLICY.limit)
    .meta({
      description:
        'Maximum number of groups, or roles, in an ID token or access token. Above it, the token carries a distributed claim (OpenID Connect Core 5.6.2) instead of a partial list.',
    }),
  limit_bytes: z
    .number()
    .int()
    .min(256, 'must be at least 256')
    .max(MOST_BYTES, `must be at most ${MOST_BYTES}`)
    .default(DEFAULT_CLAIM_POLICY.limitBytes)
    .meta({
      description:
        'Maximum size of groups and roles together in an ID token or access token, in bytes as encoded in the token (4 for every 3 bytes of JSON). Above it, the longest list becomes a distributed claim.',
    }),
  id_token_scopes: z
    .array(z.enum(ID_TOKEN_SCOPES))
    .transform((scopes) => ID_TOKEN_SCOPES.filter((scope) => scopes.includes(scope)))
    .default([])
    .meta({
      description:
        'Scopes whose claims are in the ID token too, if the application requests them. Userinfo always has them (OpenID Connect Core 5.4).',
    }),
});

export type ClaimPolicyBody = z.output<typeof claimPolicyShape>;

export const claimPolicyReply = z
  .strictObject({
    claim: z.string(),
    format: z.enum(GROUP_FORMATS),
    group_ids: z.array(idShape).nullable(),
    prefix: z.string(),
    strip_prefix: z.boolean(),
    renamed_groups: z.enum(RENAMED_GROUPS),
    renamed_groups_until: z.number().int().nullable(),
    direct_only: z.boolean(),
    tokens: z.array(z.enum(CLAIM_USES)),
    limit: z.number().int(),
    limit_bytes: z.number().int(),
    id_token_scopes: z.array(z.enum(ID_TOKEN_SCOPES)),
  })
  .meta({ id: 'ClaimPolicy' });

export const toClaimPolicy = (body: ClaimPolicyBody): ClaimPolicy => ({
  claim: body.claim,
  format: body.format,
  ...(body.group_ids ? { groupIds: body.group_ids } : {}),
  prefix: body.prefix,
  stripPrefix: body.strip_prefix,
  renamedGroups: body.renamed_groups,
  ...(body.renamed_groups_until ? { renamedGroupsUntil: body.renamed_groups_until } : {}),
  directOnly: body.direct_only,
  tokens: body.tokens,
  limit: body.limit,
  limitBytes: body.limit_bytes,
  idTokenScopes: body.id_token_scopes,
});

export const presentClaimPolicy = (policy: ClaimPolicy): z.output<typeof claimPolicyReply> => ({
  claim: policy.claim,
  format: policy.format,
  group_ids: policy.groupIds ?? null,
  prefix: policy.prefix,
  strip_prefix: policy.stripPrefix,
  renamed_groups: policy.renamedGroups,
  renamed_groups_until: policy.renamedGroupsUntil ? unixSeconds(policy.renamedGroupsUntil) : null,
  direct_only: policy.directOnly,
  tokens: policy.tokens,
  limit: policy.limit,
  limit_bytes: policy.limitBytes,
  id_token_scopes: policy.idTokenScopes,
});

/** What is wrong between its parts. */
export function faultsOfClaimPolicy(policy: ClaimPolicy): Fault[] {
  const { format, prefix, stripPrefix, renamedGroups, renamedGroupsUntil } = policy;
  return [
    ...(stripPrefix && prefix === '' ? [{ pointer: '#/strip_prefix', detail: 'requires a prefix' }] : []),
    ...(stripPrefix && prefix !== '' && format !== 'name'
      ? [{ pointer: '#/strip_prefix', detail: 'requires the format `name`' }]
      : []),
    ...(renamedGroupsUntil && renamedGroups === 'current'
      ? [{ pointer: '#/renamed_groups_until', detail: 'requires `renamed_groups` to be `former` or `both`' }]
      : []),
  ];
}
