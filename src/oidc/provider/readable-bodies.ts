import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { toPointer } from '../../platform/json-pointer.ts';
import { readJsonText } from '../../platform/json-text.ts';
import { isCoded } from '../../platform/http/content-coding.ts';
import { charsetOf, isUtf8Charset, isUtf8Form } from '../../platform/utf8.ts';

/**
 * The provider reads bodies as they come. It would read parameters that were not sent into compressed ones, and put U+FFFD
 * in place of what is not UTF-8.
 */
export const takeReadableBodiesOnly: Middleware = async (ctx, next) => {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return next();
  const charset = charsetOf(ctx.get('content-type'));
  if (isCoded(ctx.req)) return refuse(ctx, 'a compressed body is not supported');
  if (!isUtf8Charset(charset)) return refuse(ctx, 'the body must be encoded in UTF-8');
  const fault = watchBody(ctx.req, ctx.is('application/json') ? faultOfJson : faultOfForm);
  await next();
  const body = ctx.body as { error?: string; error_description?: string } | undefined;
  if (fault.is && body?.error === 'invalid_request') body.error_description = fault.is;
};

function refuse(ctx: Context, description: string): void {
  ctx.status = 415;
  ctx.set('Accept-Encoding', 'identity');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'invalid_request', error_description: description };
}

/** Has the reading of a body fail at its end when something is wrong with it; the provider answers that with invalid_request. */
function watchBody(req: IncomingMessage, faultOf: (body: Buffer) => string | undefined): { is?: string } {
  const found: { is?: string } = {};
  const iterate = req.iterator.bind(req);
  async function* watched(options?: { destroyOnReturn?: boolean }) {
    const pieces: Buffer[] = [];
    // The provider stops at 56 KiB, and with it this.
    for await (const piece of iterate(options) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      yield piece;
    }
    const [first = Buffer.alloc(0), ...rest] = pieces;
    const fault = faultOf(rest.length === 0 ? first : Buffer.concat(pieces));
    if (fault === undefined) return;
    found.is = fault;
    throw new Error(fault);
  }
  // A cast, because the types of Node have more of an iterator than anybody uses.
  req.iterator = watched as unknown as IncomingMessage['iterator'];
  return found;
}

const faultOfForm = (body: Buffer) => (isUtf8Form(body) ? undefined : 'the body is not UTF-8');

/** What is no JSON at all the provider refuses by itself. */
function faultOfJson(body: Buffer): string | undefined {
  if (!isUtf8(body)) return 'the body is not UTF-8';
  const read = readJsonText(body.toString());
  if (!('inexact' in read)) return undefined;
  const [{ path, reason }] = read.inexact as [(typeof read.inexact)[0]];
  return `${toPointer(path)} ${reason}`;
}
