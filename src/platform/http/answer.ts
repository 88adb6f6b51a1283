import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Download, Endpoint } from './endpoint.ts';

/** What an endpoint's good answer comes to, before anything of it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** JSON, or a file. */
  body?: string | Download;
}

/** Dresses what a handler returned. Parsed on the way out too, so that nothing leaves that the document does not promise. */
export function toAnswer(endpoint: Endpoint, reply: unknown): Answer {
  const { status, location, produces } = endpoint;
  const headers = location ? { Location: location(reply) } : {};
  if (status === 204) return { status, headers };
  // A cast, because an endpoint with `produces` returns nothing else.
  if (produces) return { status, headers, body: reply as Download };
  return { status, headers, body: JSON.stringify(endpoint.reply.parse(reply)) };
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 27);

/**
 * A strong validator (RFC 9110, section 8.8.3): another one as soon as a byte of the representation is another. `state` is what
 * a page of a list belongs to.
 */
export function etagOf(body: string, state?: string): string {
  return state === undefined ? `"${hashOf(body)}"` : `"${hashOf(state)}.${hashOf(body)}"`;
}

/** The part of an ETag that all pages of a list share. */
export const withoutPage = (etag: string): string => etag.replace(/\.[^".]*"$/, '"');

export function send(ctx: Context, { status, headers, body }: Answer): void {
  ctx.status = status;
  ctx.set(headers);
  if (body === undefined) return;
  if (typeof body === 'string') {
    if (!ctx.response.get('content-type')) ctx.type = 'application/json';
    ctx.body = body;
    // RFC 9110, section 13.1.2: who has this very representation already is not sent it again.
    if ((ctx.method === 'GET' || ctx.method === 'HEAD') && ctx.fresh) ctx.status = 304;
    return;
  }
  ctx.type = body.type;
  ctx.attachment(body.fileName);
  ctx.body = Readable.from(body.content);
}
