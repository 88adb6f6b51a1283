import type { Context, Middleware } from 'koa';
import { isUtf8Url, NotUtf8 } from '../utf8.ts';
import { sendProblem, toProblem } from './problems.ts';
import type { ShowPage } from './show-page.ts';

const DETAIL = 'The URL must be ASCII, with all other characters percent-encoded as UTF-8.';

/**
 * Refuses a path or query that is not UTF-8: the parser would put U+FFFD in place of what it cannot read, and the request
 * would be about something else. Problem details under `/v1`, a page for browsers, otherwise an error of RFC 6749.
 */
export function refuseOtherUrls({ showPage }: { showPage: ShowPage }): Middleware {
  return (ctx, next) => (isUtf8Url(ctx.req.url ?? '') ? next() : refuse(ctx, showPage));
}

async function refuse(ctx: Context, showPage: ShowPage): Promise<void> {
  const requestId = ctx.state['requestId'] as string | undefined;
  const problem = toProblem(NotUtf8({ detail: DETAIL }), requestId);
  const { status, code } = problem;
  ctx.set('Cache-Control', 'no-store');
  if (/^\/v1(\/|\?|$)/.test(ctx.req.url ?? '')) return sendProblem(ctx, problem);
  if (ctx.accepts('json', 'html') === 'html') {
    // The page links to itself in other languages, and its own URL would be refused again.
    return showPage(ctx, { view: 'error', model: { status, code, requestId, returnTo: '/' }, status });
  }
  ctx.status = status;
  ctx.body = { error: 'invalid_request', error_description: DETAIL };
}
