import { isUtf8 } from 'node:buffer';
import type { Context } from 'koa';
import { CohortError, InvalidInput } from '../errors.ts';
import { toPointer } from '../json-pointer.ts';
import { readJsonText } from '../json-text.ts';
import { encodingOf, TEXT_ENCODINGS, toUtf8 } from '../text-encodings.ts';
import { charsetOf, isUtf8Charset, isUtf8Form, NotUtf8 } from '../utf8.ts';
import { decodedBody, isCoded } from './content-coding.ts';
import { allowLongBody } from './in-flight.ts';
import { BodyTooLarge, BrokenJson, WrongContentType } from './problems.ts';

export const BODY_LIMIT = 64 * 1024;

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * Reads a JSON body of at most `limit` bytes, sent as one of `types`.
 * @throws WrongContentType, BodyTooLarge, BrokenCoding, NotUtf8, BrokenJson, or InvalidInput for what `JSON.parse` would alter.
 */
export async function readJson(
  ctx: Context,
  { limit = BODY_LIMIT, types = [JSON_TYPE] }: { limit?: number | undefined; types?: string[] } = {},
): Promise<unknown> {
  if (!ctx.is(types)) throw WrongContentType({ detail: `The body must be sent as ${types.join(' or ')}.` });
  assertUtf8Charset(ctx);
  const bytes = await readBytes(ctx, limit);
  if (!isUtf8(bytes)) throw NotUtf8();
  const read = readJsonText(bytes.toString().replace(/^\uFEFF/, ''));
  if ('fault' in read) throw BrokenJson();
  if ('value' in read) return read.value;
  throw InvalidInput({
    faults: read.inexact.map(({ path, reason }) => ({ pointer: toPointer(path), detail: reason })),
  });
}

/**
 * A text of one of these types, decompressed and in UTF-8, as it comes. Slow ones are not cut off as long as something comes.
 * @throws WrongContentType, and BrokenCoding or NotUtf8 while it is read
 */
export function readUpload(ctx: Context, types: string[]): { stream: AsyncIterable<Buffer>; type: string } {
  const type = ctx.is(types);
  if (!type) throw WrongContentType({ detail: `The body must be sent as ${types.join(' or ')}.` });
  const charset = charsetOf(ctx.get('content-type'));
  const encoding = charset === '' ? '' : encodingOf(charset);
  if (encoding === undefined)
    throw WrongContentType({
      detail: `The charset ${charset.slice(0, 40)} is not supported. Use ${TEXT_ENCODINGS.join(', ')}.`,
    });
  const body = isCoded(ctx.req) ? decodedBody(ctx) : ctx.req;
  allowLongBody(ctx.req);
  // When the reader stops half-way, the connection is needed for the answer that says why.
  const bytes = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  return { stream: toUtf8(bytes, encoding), type };
}

/** Reads a form (application/x-www-form-urlencoded) of at most `limit` bytes into one string for each field; of a repeated field, the last. */
export async function readForm(ctx: Context, limit = BODY_LIMIT): Promise<Record<string, string>> {
  const entries = [...(await readFormParameters(ctx, limit))];
  // The line breaks of a text, whatever they were, are sent as CRLF (HTML, section 4.10.22.7).
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]));
}

/**
 * The same, with repeated fields as they were sent.
 * @throws WrongContentType, BodyTooLarge, BrokenCoding or NotUtf8
 */
export async function readFormParameters(ctx: Context, limit = BODY_LIMIT): Promise<URLSearchParams> {
  if (!ctx.is(FORM_TYPE)) throw WrongContentType({ detail: `The form must be sent as ${FORM_TYPE}.` });
  assertUtf8Charset(ctx);
  const bytes = await readBytes(ctx, limit);
  if (!isUtf8Form(bytes)) throw NotUtf8();
  return new URLSearchParams(bytes.toString());
}

// RFC 8259, section 8.1, and the URL Standard for forms: both are UTF-8.
function assertUtf8Charset(ctx: Context): void {
  const charset = charsetOf(ctx.get('content-type'));
  if (isUtf8Charset(charset)) return;
  throw WrongContentType({ detail: `The body must be encoded in UTF-8, not in ${charset.slice(0, 40)}.` });
}

async function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  const tooLarge = () => BodyTooLarge({ detail: `The body must not exceed ${limit} bytes.` });
  const body = isCoded(ctx.req) ? decodedBody(ctx) : ctx.req;
  if (body === ctx.req && (ctx.request.length ?? 0) > limit) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    // What is too large is not read to its end, and the connection is needed for the answer that says so.
    for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > limit) throw tooLarge();
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof CohortError) throw cause;
    throw BrokenJson({ detail: 'The body is incomplete.', cause });
  }
  return Buffer.concat(pieces, length);
}
