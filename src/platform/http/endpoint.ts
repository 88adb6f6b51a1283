import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { ErrorDefinition } from '../errors.ts';
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

/** A body that is not JSON: it is taken as it comes, before the handler is called and outside of its transaction. */
export interface Upload<B> {
  /** Media types. */
  types: string[];
  /** Puts it somewhere; `digest` tells whether two of them are the same. */
  receive(stream: AsyncIterable<Buffer>, type: string): Promise<{ digest: string; body: B }>;
}

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
  params?: P;
  query?: Q;
  body?: B;
  /** Instead of a JSON body. */
  upload?: Upload<z.output<B>>;
  /** Media types of a good answer that is not JSON; the handler returns a `Download`. */
  produces?: string[];
  /** Bytes the body may have, when the common 64 KiB are not enough. */
  bodyLimit?: number;
  /** The status of the good answer; 204 has no body. */
  status: 200 | 201 | 202 | 204;
  reply: R;
  /** Where the thing is that the good answer tells of (RFC 9110, section 10.2.2). */
  location?(reply: z.input<R>): string;
  errors: ErrorDefinition[];
  handle(input: EndpointInput<z.output<P>, z.output<Q>, z.output<B>>): Promise<z.input<R>>;
  /** With `dry_run=true` this is called instead: it returns the impact and changes nothing. */
  dryRun?: { reply: D; handle(input: EndpointInput<z.output<P>, z.output<Q>, z.output<B>>): Promise<z.input<D>> };
}

/** One endpoint of `/v1`: the router, the validator, the OpenAPI document and the tests all read this one object. */
export interface Endpoint extends EndpointSpec<ObjectShape, ObjectShape, z.ZodType, z.ZodType, z.ZodType> {
  params: ObjectShape;
  query: ObjectShape;
}

const nothing = z.strictObject({});

/** Parameters that are either `true` or `false`. */
export const yesOrNo = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional();

const dryRunQuery = {
  dry_run: yesOrNo.meta({ description: 'With `true`, nothing is changed; the response contains the impact.' }),
};

/** Declares an endpoint; the types of what `handle` gets and gives follow from its shapes. */
export function endpoint<
  R extends z.ZodType,
  P extends ObjectShape = typeof nothing,
  Q extends ObjectShape = typeof nothing,
  B extends z.ZodType = z.ZodUndefined,
  D extends z.ZodType = z.ZodUndefined,
>(spec: EndpointSpec<P, Q, B, R, D>): Endpoint {
  const query = spec.query ?? nothing;
  const extended = spec.dryRun ? query.extend(dryRunQuery) : query;
  // The caller's narrower types are what its own shapes parse to, so the wider handlers are called with nothing else.
  return { params: nothing, ...spec, query: extended };
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
