import { z } from 'zod';
import { defineError } from '../../platform/errors.ts';
import { idShape } from '../../platform/ids.ts';
import { groupExplanationReply } from './group-explanation.ts';

export const UnknownResource = defineError('invalid', 'unknown_resource', 'No API with this URI is configured.');

/** Where the previewed scopes come from. */
export const SCOPE_SOURCES = ['requested', 'granted', 'all'] as const;
export type ScopeSource = (typeof SCOPE_SOURCES)[number];

/** Why the application gets no tokens at all. */
export const REFUSALS = ['user_disabled', 'no_access', 'not_issued'] as const;

/** What can be wrong with the size of tokens. */
export const SIZE_WARNINGS = ['distributed_claim', 'larger_than_cookie', 'larger_than_headers'] as const;

export const claimsPreviewQuery = {
  scope: z
    .string()
    .max(1000)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be scopes separated by single spaces')
    .optional()
    .meta({
      description:
        'The scopes of the request. By default, those that the user has granted the application; all scopes with claims about users if there are none.',
      example: 'openid groups',
    }),
  resource: z.string().max(2000).optional().meta({
    description:
      'The API that the access token is for (RFC 8707). Its access tokens are JWTs; without it, they are opaque.',
    example: 'https://api.example.com',
  }),
  group_id: idShape.optional().meta({ description: 'A group to explain, also one that the user is not in.' }),
};

const claims = z.record(z.string(), z.unknown()).nullable();
const bytes = z.number().int().nullable();

/** What an application would get about a user now, and why. */
export const claimsPreviewReply = z
  .strictObject({
    scopes: z.array(z.string()),
    scopes_from: z.enum(SCOPE_SOURCES).meta({
      description:
        '`requested`: those of the query. `granted`: what the user has granted the application. `all`: the user has granted it nothing yet.',
    }),
    refusal: z
      .strictObject({ reason: z.enum(REFUSALS), detail: z.string() })
      .nullable()
      .meta({ description: 'Why no tokens are issued, or null. Then the payloads are null.' }),
    id_token: claims.meta({ description: 'Without the claims of a single sign-in, such as `nonce`.' }),
    access_token: z
      .strictObject({
        format: z.enum(['opaque', 'jwt']),
        expires_at: z.number().int(),
        claims: claims.meta({ description: 'null for an opaque token, in which the application can read nothing.' }),
      })
      .nullable(),
    userinfo: claims,
    introspection: claims.meta({
      description: 'Of an opaque access token of the application. null if introspection is off.',
    }),
    sizes: z
      .strictObject({
        id_token: bytes,
        access_token: bytes,
        userinfo: bytes,
        introspection: bytes,
        claims: z.record(z.string(), z.number().int()).meta({ description: 'Of the complete lists, in a token.' }),
      })
      .meta({ description: 'Bytes as issued: of a JWT, its compact form.' }),
    warnings: z.array(z.enum(SIZE_WARNINGS)).meta({
      description:
        '`distributed_claim`: a list is too long for tokens. `larger_than_cookie`: the ID token or the access token has more than 4 KiB. `larger_than_headers`: one of them has more than 8 KiB, which many proxies refuse.',
    }),
    groups: z.array(groupExplanationReply).meta({
      description:
        'The groups that the user is in, directly or not, will be in, or was in lately, sorted by name: whether the application receives them, and why.',
    }),
    answer: groupExplanationReply.nullable().meta({ description: 'About `group_id`, or null.' }),
  })
  .meta({ id: 'ClaimsPreview' });

export type ClaimsPreview = z.input<typeof claimsPreviewReply>;
