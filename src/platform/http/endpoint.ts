import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { ErrorDefinition } from '../errors.ts';
import type { Authorization } from './authorization.ts';
import { MERGE_PATCH } from './merge-patch.ts';
import { cursorParameter, PAGE_LIMIT, type Page } from '../paging.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type ObjectShape = z.ZodObject;

/** What a handler gets: parsed input and who asks. It never sees the HTTP request. */
export interface EndpointInput<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  actor: Actor;
}

/**
 * Takes a body that is not JSON as it comes, before the handler is called and outside of its transaction. `digest` tells
 * whether two of them are the same.
 */
type Receive<B> = (stream: AsyncIterable<Buffer>, type: string) => Promise<{ digest: string; body: B }>;

/** What an endpoint with `produces` answers with. */
export interface Download {
  type: string;
  fileName: string;
  content: AsyncIterable<Buffer>;
}

interface EndpointSpec<
  P extends ObjectShape,
  Q extends ObjectShape,
  B extends z.ZodType,
  R extends z.ZodType,
  D extends z.ZodType,
> {
  method: Method;
  /** With OpenAPI's braces: `/v1/groups/{group_id}`. */
  path: `/v1/${string}`;
  summary: string;
  description?: string;
  tag: string;
  /** The scope a token needs. Mandatory: an endpoint without a guard does not compile. */
  scope: string;
  /** What the call requires beyond the scope, and what an administrator with an admin scope may do. */
  authorize: Authorization<z.output<P>, z.output<B>>;
  params?: P;
  query?: Q;
  body?: B;
  /** Media types of a body that is not JSON; it is taken by `Handlers.receive`. */
  accepts?: string[];
  /** Media types of a good answer that is not JSON; the handler returns a `Download`. */
  produces?: string[];
  /** Bytes the body may have, when the common 64 KiB are not enough. */
  bodyLimit?: number;
  /** The status of the good answer; 204 has no body. */
  status: 200 | 201 | 202 | 204;
  reply: R;
  /** The good answer with `dry_run=true`, which changes nothing. */
  dryRunReply?: D;
  /** Where the thing is that the good answer tells of (RFC 9110, section 10.2.2). */
  location?(reply: z.input<R>): string;
  errors: ErrorDefinition[];
}

type Handle<P extends ObjectShape, Q extends ObjectShape, B extends z.ZodType, R extends z.ZodType> = (
  input: EndpointInput<z.output<P>, z.output<Q>, z.output<B>>,
) => Promise<z.input<R>>;

/** What an endpoint does besides answering a call. */
interface Handlers<P extends ObjectShape, Q extends ObjectShape, B extends z.ZodType, D extends z.ZodType> {
  /** Called instead with `dry_run=true`. */
  dryRun?: Handle<P, Q, B, D>;
  /** Puts a body away that is not JSON. */
  receive?: Receive<z.output<B>>;
  /** For pages of a list that is changed as a whole: a text that is another one as soon as the list is. */
  state?: (input: EndpointInput<z.output<P>, unknown, unknown>) => Promise<string>;
  /**
   * For replies about a single thing that are the same for all who ask, at any time: reads it from memory, so that a client that
   * has the reply is told that it is unchanged without its being made.
   */
  restsOn?: (input: EndpointInput<z.output<P>, unknown, unknown>) => Promise<unknown>;
}

/** One endpoint of `/v1`: the router, the validator, the OpenAPI document, the console and the tests read this one object. */
export interface Endpoint extends EndpointSpec<ObjectShape, ObjectShape, z.ZodType, z.ZodType, z.ZodType> {
  params: ObjectShape;
  query: ObjectShape;
  handle: Handle<ObjectShape, ObjectShape, z.ZodType, z.ZodType>;
  dryRun?: Handle<ObjectShape, ObjectShape, z.ZodType, z.ZodType>;
  receive?: Receive<unknown>;
  state?: (input: EndpointInput<never, unknown, unknown>) => Promise<string>;
  restsOn?: (input: EndpointInput<never, unknown, unknown>) => Promise<unknown>;
}

/** An endpoint without its handler: what a caller has to know. */
export interface EndpointDescription<
  P extends ObjectShape = ObjectShape,
  Q extends ObjectShape = ObjectShape,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  D extends z.ZodType = z.ZodType,
> extends EndpointSpec<P, Q, B, R, D> {
  handledBy(handle: Handle<P, Q, B, R>, more?: Handlers<P, Q, B, D>): Endpoint;
}

const nothing = z.strictObject({});

/** The media types of a JSON body. */
export const bodyTypesOf = ({ method }: Pick<Endpoint, 'method'>): string[] =>
  method === 'patch' ? ['application/json', MERGE_PATCH] : ['application/json'];

/** Parameters that are either `true` or `false`. */
export const yesOrNo = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional();

const dryRunQuery = {
  dry_run: yesOrNo.meta({ description: 'With `true`, nothing is changed; the response contains the impact.' }),
};

/** Describes an endpoint; the types of what its handler gets and gives, and of calls from pages, follow from its shapes. */
export function endpoint<
  R extends z.ZodType,
  P extends ObjectShape = typeof nothing,
  Q extends ObjectShape = typeof nothing,
  B extends z.ZodType = z.ZodUndefined,
  D extends z.ZodType = z.ZodUndefined,
>(spec: EndpointSpec<P, Q, B, R, D>): EndpointDescription<P, Q, B, R, D> {
  const query = spec.query ?? nothing;
  const extended = spec.dryRunReply ? query.extend(dryRunQuery) : query;
  return {
    ...spec,
    // Its handlers are called with nothing but what its own shapes parse to, which the types of `Endpoint` no longer say.
    handledBy: (handle, more) => ({ params: nothing, ...spec, query: extended, handle, ...more }),
  };
}

/** `{ "result": … }` around one thing. */
export const resultOf = <T extends z.ZodType>(shape: T) => z.strictObject({ result: shape });

/** `{ "result": [...], "next": cursor-or-null, … }` around a page of things. */
export const pageOf = <T extends z.ZodType>(shape: T) =>
  z.strictObject({
    result: z.array(shape),
    next: z.string().nullable().meta({ description: 'Cursor of the next page, or null on the last page.' }),
    previous: z.string().nullable().meta({ description: 'Cursor of the previous page, or null on the first page.' }),
    count: countReply.optional().meta({ description: 'Total number of items, if requested with `count=true`.' }),
  });

/** A number that was never counted far. */
export const countReply = z
  .strictObject({ value: z.number().int(), relation: z.enum(['exact', 'at_least', 'estimated']) })
  .meta({
    id: 'Count',
    description: '`exact` if few entries must be examined (10,000 at most), else `at_least` or `estimated`.',
  });

/** A page as the API returns it. */
export function presentPage<T, R>({ items, next, previous, count }: Page<T>, present: (item: T) => R) {
  return { result: items.map(present), next, previous, ...(count ? { count } : {}) };
}

/** The reply of an endpoint that answers 204. */
export const noContent = z.void();

/** The reply of an endpoint that answers with a file. */
export const fileReply = z.custom<Download>();

/** The query parameters that every list takes. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(1, 'must be at least 1').max(PAGE_LIMIT.max, `must be at most ${PAGE_LIMIT.max}`))
    .default(PAGE_LIMIT.default)
    .meta({ description: `Maximum number of items on a page, 1 to ${PAGE_LIMIT.max}.`, example: '50' }),
  cursor: cursorParameter.optional().meta({ description: '`next` or `previous` of another page of the same list.' }),
};

/** For lists that say how many there are when asked. */
export const countQuery = {
  count: yesOrNo.meta({
    description:
      'Whether to include the total number of items: `exact` if few entries must be examined (10,000 at most), else `at_least` or `estimated`.',
  }),
};
