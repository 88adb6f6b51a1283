import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { defineError } from '../errors.ts';
import { refuse } from './refusal.ts';
import type { ShowPage } from './show-page.ts';

const KIB = 1024;

/**
 * What the URL and the headers of a request may have together. More than the largest token that a claim policy allows
 * (`applications/claim-policy.ts`), which a sign-out has in its URL and a call of userinfo in a header, and room for cookies.
 */
export const HEAD_BYTES = 64 * KIB;
/** What Node reads of them, so that the answer to a request that is too long can be in the words of who sent it. */
export const READ_BYTES = 256 * KIB;

export const UriTooLong = defineError('uri_too_long', 'uri_too_long', 'The URL is too long.');
export const HeadersTooLarge = defineError('headers_too_large', 'headers_too_large', 'The headers are too large.');

/** Refuses requests with a URL (RFC 9110, section 15.5.15) or headers (RFC 6585, section 5) that are too long. */
export function limitHeads({ showPage }: { showPage: ShowPage }): Middleware {
  return (ctx, next) => {
    const error = faultOfHead(ctx.req);
    // The page has no link with the same long URL in it.
    return error ? refuse(ctx, showPage, error, { returnTo: undefined }) : next();
  };
}

export function faultOfHead({ url = '', rawHeaders }: IncomingMessage) {
  // Node counts without the colon, the space and the end of the line.
  const headers = rawHeaders.reduce((sum, { length }) => sum + length, 0);
  if (url.length + headers <= HEAD_BYTES) return undefined;
  const detail = `The URL and headers together must not exceed ${HEAD_BYTES} bytes.`;
  return url.length > headers ? UriTooLong({ detail }) : HeadersTooLarge({ detail });
}
