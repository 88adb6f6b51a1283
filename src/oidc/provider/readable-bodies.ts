import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context, Middleware, Next } from 'koa';
import { toPointer } from '../../platform/json-pointer.ts';
import { readJsonText } from '../../platform/json-text.ts';
import { isCoded } from '../../platform/http/content-coding.ts';
import { peekBody } from '../../platform/http/peek.ts';
import { charsetOf, isUtf8Charset, isUtf8Form } from '../../platform/utf8.ts';

/** The provider takes no longer ones. */
const MOST_BYTES = 56 * 1024;

/**
 * The provider reads bodies as they come. It would read parameters that were not sent into compressed ones, and put U+FFFD
 * in place of what is not UTF-8.
 */
export const takeReadableBodiesOnly: Middleware = (ctx, next) =>
  ctx.method === 'GET' || ctx.method === 'HEAD' ? next() : takeReadable(ctx, next);

async function takeReadable(ctx: Context, next: Next): Promise<void> {
  if (isCoded(ctx.req)) return refuse(ctx, 'a compressed body is not supported');
  if (!isUtf8Charset(charsetOf(ctx.get('content-type')))) return refuse(ctx, 'the body must be encoded in UTF-8');
  const sent = await peekBody(ctx.req, MOST_BYTES);
  // Nobody waits for an answer; this one is for the log.
  if (ctx.req.destroyed && !ctx.req.complete) return void (ctx.status = 400);
  ctx.state['sentBody'] = sent;
  const fault = sent && (ctx.is('application/json') ? faultOfJson : faultOfForm)(sent);
  if (fault === undefined) return next();
  failReading(ctx.req, fault);
  await next();
  const body = ctx.body as { error?: string; error_description?: string } | undefined;
  if (body?.error === 'invalid_request') body.error_description = fault;
}

/** The body of this request as it was sent; undefined for one that is longer than the provider takes. */
export const sentBody = ({ state }: Pick<Context, 'state'>): Buffer | undefined =>
  (state as { sentBody?: Buffer }).sentBody;

function refuse(ctx: Context, description: string): void {
  ctx.status = 415;
  ctx.set('Accept-Encoding', 'identity');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'invalid_request', error_description: description };
}

/** The provider answers that with invalid_request, in its own way at each address. */
function failReading(req: IncomingMessage, fault: string): void {
  req.iterator = async function* () {
    throw new Error(fault);
  };
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
