import type { Context } from 'koa';
import { bodyParser } from '@koa/bodyparser';
import { CohortError, InvalidInput } from '../errors.ts';
import { decodedBody, isCoded } from './content-coding.ts';
import { allowLongBody } from './deadline.ts';
import { BodyTooLarge, BrokenJson, WrongContentType } from './problems.ts';

export const BODY_LIMIT = 64 * 1024;

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

const done = async () => {};

/**
 * Reads a JSON body of at most `limit` bytes.
 * @throws WrongContentType, BodyTooLarge, BrokenCoding, BrokenJson, or InvalidInput for a `__proto__` key.
 */
export async function readJson(ctx: Context, limit = BODY_LIMIT): Promise<unknown> {
  if (!ctx.is('application/json')) throw WrongContentType();
  // RFC 8259, section 8.1: JSON between systems is UTF-8.
  if (!/^(utf-8)?$/i.test(ctx.request.charset))
    throw WrongContentType({ detail: 'The body must be encoded in UTF-8.' });
  await parse(ctx, ['json'], limit);
  return ctx.request.body;
}

/**
 * A body of one of these types, decompressed, as it comes. Slow ones are not cut off as long as something comes.
 * @throws WrongContentType, and BrokenCoding while it is read
 */
export function readUpload(ctx: Context, types: string[]): { stream: AsyncIterable<Buffer>; type: string } {
  const type = ctx.is(types);
  if (!type) throw WrongContentType({ detail: `The body must be sent as ${types.join(' or ')}.` });
  const body = isCoded(ctx.req) ? decodedBody(ctx) : ctx.req;
  allowLongBody(ctx.req);
  // When the reader stops half-way, the connection is needed for the answer that says why.
  return { stream: body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>, type };
}

/** Reads a form (application/x-www-form-urlencoded) of at most `limit` bytes into one string for each field; of a repeated field, the last. */
export async function readForm(ctx: Context, limit = BODY_LIMIT): Promise<Record<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw WrongContentType({ detail: 'The form must be sent as application/x-www-form-urlencoded.' });
  await parse(ctx, ['form'], limit);
  const fields = (ctx.request.body ?? {}) as Record<string, unknown>;
  const asText = (value: unknown): string => {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === 'string' ? last : '';
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asText(value)]));
}

function parse(ctx: Context, types: ('json' | 'form')[], limit: number): Promise<void> {
  const onError = (cause: unknown) => {
    if (cause instanceof CohortError) throw cause;
    const { status, type, message } = cause as { status?: number; type?: string; message?: string };
    if (status === 413) throw BodyTooLarge({ detail: `The body must not exceed ${limit} bytes.` });
    if (status === 415) throw WrongContentType({ detail: 'The charset or encoding of the body is not supported.' });
    if (message?.includes('prototype property'))
      throw InvalidInput({ faults: [{ pointer: '#', detail: "contains a key '__proto__', which is not allowed" }] });
    throw BrokenJson({
      detail: type === 'request.size.invalid' ? 'The body is incomplete.' : 'The body is not valid JSON.',
    });
  };
  const options = {
    enableTypes: types,
    jsonLimit: limit,
    formLimit: limit,
    jsonStrict: false,
    parsedMethods: METHODS,
    onError,
  };
  return bodyParser(options)(isCoded(ctx.req) ? withDecodedBody(ctx) : ctx, done);
}

/** What the parser looks at. It can decompress by itself, but then never ends when a client aborts the request. */
function withDecodedBody(ctx: Context): Context {
  const { method, request } = ctx;
  const req = Object.assign(decodedBody(ctx), { headers: { 'content-type': ctx.get('content-type') } });
  // A cast, because the parser takes nothing else of a context.
  return { method, request, req } as unknown as Context;
}

/** RFC 6901, section 3. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
