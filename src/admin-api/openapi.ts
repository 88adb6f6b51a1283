import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { InvalidInput, type ErrorDefinition } from '../base/errors.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { BodyTooLarge, BrokenJson, statusOf, statusText, Unavailable, WrongContentType } from '../http/problems.ts';
import { InsufficientScope, Unauthenticated } from './guard.ts';

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
export function errorsOf(endpoint: Endpoint): ErrorDefinition[] {
  const body = endpoint.body ? [BrokenJson, BodyTooLarge, WrongContentType] : [];
  // Invalid input is possible everywhere: a parameter that an endpoint does not know is refused too.
  const all = [...endpoint.errors, ...body, InvalidInput, Unauthenticated, InsufficientScope, Unavailable];
  return [...new Map(all.map((definition) => [definition.code, definition])).values()];
}

/** The OpenAPI 3.1 document, made from the endpoint objects that also route and validate. */
export function toOpenApi({ endpoints, issuer, version, scopes }: OpenApiOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const endpoint of endpoints) (paths[endpoint.path] ??= {})[endpoint.method] = toOperation(endpoint);
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

function toOperation(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { summary, description, tag, scope, params, query, body } = endpoint;
  return {
    operationId: operationId(endpoint),
    summary,
    ...(description ? { description } : {}),
    tags: [tag],
    security: [{ service: [scope] }],
    'x-scope': scope,
    requestParams: { path: params, query },
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: { [String(endpoint.status)]: goodReply(endpoint), ...problemReplies(endpoint) },
  } as ZodOpenApiOperationObject;
}

function goodReply({ status, reply }: Endpoint) {
  if (status === 204) return { description: 'Done.' };
  return { description: statusText(status), content: { 'application/json': { schema: reply } } };
}

function problemReplies(endpoint: Endpoint): Record<string, object> {
  const byStatus = new Map<number, ErrorDefinition[]>();
  for (const definition of errorsOf(endpoint)) {
    const status = statusOf[definition.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), definition]);
  }
  const reply = (definitions: ErrorDefinition[]) => ({
    description: definitions.map(({ code, title }) => `\`${code}\`: ${title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: problemShape } },
  });
  return Object.fromEntries([...byStatus].map(([status, definitions]) => [String(status), reply(definitions)]));
}

function operationId({ method, path }: Endpoint): string {
  const words = path
    .replace('/v1/', '')
    .split('/')
    .map((part) => part.replace(/\{(\w+)\}/, 'by_$1'));
  return [method, ...words].join('_').replace(/-/g, '_');
}
