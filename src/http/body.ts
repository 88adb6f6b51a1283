import type { Context } from 'koa';
import { bodyParser } from '@koa/bodyparser';
import { InvalidInput } from '../base/errors.ts';
import { BodyTooLarge, BrokenJson, WrongContentType } from './problems.ts';

export const BODY_LIMIT = 64 * 1024;

const done = async () => {};

/**
 * Reads a JSON body of at most `limit` bytes.
 * @throws WrongContentType, BodyTooLarge, BrokenJson, or InvalidInput for a `__proto__` key.
 */
export async function readJson(ctx: Context, limit = BODY_LIMIT): Promise<unknown> {
  if (!ctx.is('application/json')) throw WrongContentType();
  await parse(ctx, ['json'], limit);
  const body: unknown = ctx.request.body;
  refuseProto(body, '#');
  return body;
}

/** Reads a form (application/x-www-form-urlencoded) into one string for each field; of a repeated field, the last. */
export async function readForm(ctx: Context): Promise<Record<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw WrongContentType({ detail: 'The form must be sent as application/x-www-form-urlencoded.' });
  await parse(ctx, ['form'], BODY_LIMIT);
  const fields = (ctx.request.body ?? {}) as Record<string, unknown>;
  const asText = (value: unknown) => (Array.isArray(value) ? String(value.at(-1)) : typeof value === 'string' ? value : '');
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asText(value)]));
}

function parse(ctx: Context, types: ('json' | 'form')[], limit: number): Promise<void> {
  const onError = (cause: unknown) => {
    const { status, type } = cause as { status?: number; type?: string };
    if (status === 413) throw BodyTooLarge({ detail: `The body may have at most ${limit} bytes.` });
    if (status === 415) throw WrongContentType({ detail: 'The body has a charset or encoding that is not supported.' });
    throw BrokenJson({ detail: type === 'request.size.invalid' ? 'The body ended early.' : 'The body is not valid JSON.' });
  };
  return bodyParser({ enableTypes: types, jsonLimit: limit, formLimit: limit, jsonStrict: false, onError })(ctx, done);
}

// Validators skip this key silently, and what is skipped was not refused.
function refuseProto(value: unknown, pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw InvalidInput({ faults: [{ pointer: `${pointer}/__proto__`, detail: 'is not an allowed key' }] });
    refuseProto(item, `${pointer}/${escapePointer(key)}`);
  }
}

/** RFC 6901, section 3. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
