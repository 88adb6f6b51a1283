import type { Context } from 'koa';
import { bodyParser } from '@koa/bodyparser';
import { InvalidInput } from '../base/errors.ts';
import { allowLongBody } from './deadline.ts';
import { BodyTooLarge, BrokenJson, WrongContentType } from './problems.ts';

export const BODY_LIMIT = 64 * 1024;

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

const done = async () => {};

/**
 * Reads a JSON body of at most `limit` bytes.
 * @throws WrongContentType, BodyTooLarge, BrokenJson, or InvalidInput for a `__proto__` key.
 */
export async function readJson(ctx: Context, limit = BODY_LIMIT): Promise<unknown> {
  if (!ctx.is('application/json')) throw WrongContentType();
  // RFC 8259, section 8.1: JSON between systems is UTF-8.
  if (!/^(utf-8)?$/i.test(ctx.request.charset))
    throw WrongContentType({ detail: 'The body must be encoded in UTF-8.' });
  await parse(ctx, ['json'], limit);
  return ctx.request.body;
}

/** A body of one of these types, as it comes. Slow ones are not cut off as long as something comes. @throws WrongContentType */
export function readUpload(ctx: Context, types: string[]): { stream: AsyncIterable<Buffer>; type: string } {
  const type = ctx.is(types);
  if (!type) throw WrongContentType({ detail: `The body must be sent as ${types.join(' or ')}.` });
  allowLongBody(ctx.req);
  return { stream: ctx.req as AsyncIterable<Buffer>, type };
}

/** Reads a form (application/x-www-form-urlencoded) of at most `limit` bytes into one string for each field; of a repeated field, the last. */
export async function readForm(ctx: Context, limit = BODY_LIMIT): Promise<Record<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw WrongContentType({ detail: 'The form must be sent as application/x-www-form-urlencoded.' });
  await parse(ctx, ['form'], limit);
  const fields = (ctx.request.body ?? {}) as Record<string, unknown>;
  const asText = (value: unknown) =>
    Array.isArray(value) ? String(value.at(-1)) : typeof value === 'string' ? value : '';
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asText(value)]));
}

function parse(ctx: Context, types: ('json' | 'form')[], limit: number): Promise<void> {
  const onError = (cause: unknown) => {
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
  return bodyParser(options)(ctx, done);
}

/** RFC 6901, section 3. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
