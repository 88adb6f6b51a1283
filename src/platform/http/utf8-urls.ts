import type { Context, Middleware } from 'koa';
import { isUtf8Url, NotUtf8 } from '../utf8.ts';
import { sendProblem, toProblem } from './problems.ts';
import { showErrorPage, type ShowPage } from './show-page.ts';

const DETAIL = 'The URL must be ASCII, with all other characters percent-encoded as UTF-8.';

/**
 * Refuses a path or query that is not UTF-8: the parser would put U+FFFD in place of what it cannot read, and the request
 * would be about something else. Problem details under `/v1`, a page for browsers, otherwise an error of RFC 6749.
 */
export function refuseOtherUrls({ showPage }: { showPage: ShowPage }): Middleware {
  return (ctx, next) => (isUtf8Url(ctx.req.url ?? '') ? next() : refuse(ctx, showPage));
}

async function refuse(ctx: Context, showPage: ShowPage): Promise<void> {
  const problem = toProblem(NotUtf8({ detail: DETAIL }), ctx.state['requestId'] as string | undefined);
  ctx.set('Cache-Control', 'no-store');
  if (/^\/v1(\/|\?|$)/.test(ctx.req.url ?? '')) return sendProblem(ctx, problem);
  // The page links to itself in other languages, and its own URL would be refused again.
  if (ctx.accepts('json', 'html') === 'html') return showErrorPage(ctx, showPage, problem, { returnTo: '/' });
  ctx.status = problem.status;
  ctx.body = { error: 'invalid_request', error_description: DETAIL };
}
