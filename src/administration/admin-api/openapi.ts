import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { InsufficientScope } from '../../platform/actor.ts';
import { InvalidInput, type ErrorDefinition } from '../../platform/errors.ts';
import { bodyTypesOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { HEAD_BYTES } from '../../platform/http/head-limits.ts';
import { MERGE_PATCH, mergePatchShape } from '../../platform/http/merge-patch.ts';
import { KeyUsedOtherwise } from '../../platform/http/idempotency.ts';
import { findReader, PreconditionFailed, PreconditionRequired } from '../../platform/http/preconditions.ts';
import {
  BodyTooLarge,
  BrokenCoding,
  BrokenJson,
  statusOf,
  statusText,
  Unavailable,
  WrongContentType,
} from '../../platform/http/problems.ts';
import { NotUtf8 } from '../../platform/utf8.ts';
import { TooManyRequests } from '../../platform/http/rate-limit.ts';
import { Unauthenticated } from './guard.ts';

const problemShape = z
  .object({
    type: z.string().meta({ example: 'urn:cohort:problem:group_not_found' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string().optional(),
    errors: z
      .array(z.object({ pointer: z.string().optional(), parameter: z.string().optional(), detail: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export interface OpenApiOptions {
  endpoints: Endpoint[];
  issuer: string;
  version: string;
  /** Every scope with its sentence. */
  scopes: Record<string, string>;
}

/** Every error that an endpoint can answer: its own, and those that its shape brings along. */
export function errorsOf(endpoint: Endpoint, endpoints: Endpoint[]): ErrorDefinition[] {
  const json = endpoint.body && !endpoint.accepts ? [BrokenCoding, BrokenJson, BodyTooLarge, WrongContentType] : [];
  const upload = endpoint.accepts ? [BrokenCoding, WrongContentType] : [];
  const retriable = endpoint.method === 'post' ? [KeyUsedOtherwise] : [];
  const conditional = findReader(endpoint, endpoints) ? [PreconditionFailed, PreconditionRequired] : [];
  // Invalid input is possible everywhere: a parameter that an endpoint does not know is refused too.
  const everywhere = [InvalidInput, NotUtf8, Unauthenticated, InsufficientScope, TooManyRequests, Unavailable];
  const all = [...endpoint.errors, ...json, ...upload, ...retriable, ...conditional, ...everywhere];
  return [...new Map(all.map((definition) => [definition.code, definition])).values()];
}

/** The OpenAPI 3.1 document, made from the endpoint objects that also route and validate. */
export function toOpenApi({ endpoints, issuer, version, scopes }: OpenApiOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const endpoint of endpoints) (paths[endpoint.path] ??= {})[endpoint.method] = toOperation(endpoint, endpoints);
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Cohort admin API',
      version,
      description: 'Customers, groups, memberships, roles, applications and the audit log.',
    },
    servers: [{ url: issuer }],
    security: [{ service: [] }],
    paths: paths,
    components: {
      securitySchemes: {
        service: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${issuer}/token`, scopes } } },
      },
    },
  });
}

function toOperation(endpoint: Endpoint, endpoints: Endpoint[]): ZodOpenApiOperationObject {
  const { summary, description, tag, scope, params, query } = endpoint;
  return {
    operationId: operationId(endpoint),
    summary,
    ...(description ? { description } : {}),
    tags: [tag],
    security: [{ service: [scope] }],
    'x-scope': scope,
    requestParams: { path: params, query, header: headersOf(endpoint, endpoints) },
    ...requestBody(endpoint),
    responses: { ...goodReplies(endpoint), ...problemReplies(endpoint, endpoints) },
  } as ZodOpenApiOperationObject;
}

const headers = {
  idempotencyKey: z.string().min(1).max(255).optional().meta({
    description:
      'Makes retries safe: for a day, the same request with the same key returns the first response. The same key with a different request is refused.',
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  }),
  ifMatch: z.string().optional().meta({
    description: 'The ETag that you read (RFC 9110, section 13.1.1). The request is refused if it has changed since.',
  }),
};

function headersOf(endpoint: Endpoint, endpoints: Endpoint[]) {
  return z.object({
    ...(endpoint.method === 'post' ? { 'Idempotency-Key': headers.idempotencyKey } : {}),
    ...(findReader(endpoint, endpoints) ? { 'If-Match': headers.ifMatch } : {}),
  });
}

const binary = { schema: { type: 'string', format: 'binary' } } as const;
const asFiles = (types: string[]) => Object.fromEntries(types.map((type) => [type, binary]));

function requestBody(endpoint: Endpoint) {
  const { body, accepts } = endpoint;
  if (accepts) return { requestBody: { required: true, content: asFiles(accepts) } };
  if (!body) return {};
  const content = bodyTypesOf(endpoint).map((type) => {
    const schema = type === MERGE_PATCH ? mergePatchShape(body) : body;
    return [type, { schema }] as const;
  });
  return { requestBody: { required: true, content: Object.fromEntries(content) } };
}

function goodReplies({ status, reply, produces, dryRunReply, location, method }: Endpoint): Record<string, object> {
  const content = produces ? asFiles(produces) : { 'application/json': { schema: reply } };
  const replyHeaders = {
    ...(location ? { Location: { schema: { type: 'string' } } } : {}),
    ...(method === 'get' && !produces ? { ETag: { schema: { type: 'string' } } } : {}),
  };
  const good = {
    description: status === 204 ? 'Done.' : statusText(status),
    ...(status === 204 ? {} : { content }),
    ...(Object.keys(replyHeaders).length > 0 ? { headers: replyHeaders } : {}),
  };
  if (!dryRunReply) return { [String(status)]: good };
  const dry = { 'application/json': { schema: dryRunReply } };
  if (status !== 200)
    return {
      [String(status)]: good,
      200: { description: 'With `dry_run=true`: the impact of the change.', content: dry },
    };
  return { 200: { ...good, content: { 'application/json': { schema: z.union([reply, dryRunReply]) } } } };
}

function problemReplies(endpoint: Endpoint, endpoints: Endpoint[]): Record<string, object> {
  const byStatus = new Map<number, ErrorDefinition[]>();
  for (const definition of errorsOf(endpoint, endpoints)) {
    const status = statusOf[definition.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), definition]);
  }
  const reply = (definitions: ErrorDefinition[]) => ({
    description: definitions.map(({ code, title }) => `\`${code}\`: ${title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: problemShape } },
  });
  return {
    ...Object.fromEntries([...byStatus].map(([status, definitions]) => [String(status), reply(definitions)])),
    414: tooLong('uri_too_long', 'URL'),
    431: tooLong('headers_too_large', 'headers'),
  };
}

const tooLong = (code: string, what: string) => ({
  description: `\`${code}\`: The URL and headers together exceed ${HEAD_BYTES / 1024} KiB, mostly because of the ${what}.`,
  content: { 'application/problem+json': { schema: problemShape } },
});

function operationId({ method, path }: Endpoint): string {
  const words = path
    .replace('/v1/', '')
    .split('/')
    .map((part) => part.replace(/\{(\w+)\}/, 'by_$1'));
  return [method, ...words].join('_').replace(/-/g, '_');
}
