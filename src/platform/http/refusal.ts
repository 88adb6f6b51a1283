import type { Context } from 'koa';
import type { CohortError } from '../errors.ts';
import { sendProblem, toProblem } from './problems.ts';
import { showErrorPage, type ShowPage } from './show-page.ts';

/** Answers a request that gets no further than this, whatever it is for: with problem details, or with a page for browsers. */
export async function refuse(
  ctx: Context,
  showPage: ShowPage,
  error: CohortError,
  more: { returnTo?: string | undefined } = {},
): Promise<void> {
  const problem = toProblem(error, ctx.state['requestId'] as string | undefined);
  ctx.set('Cache-Control', 'no-store');
  if (ctx.accepts('json', 'html') === 'html') return showErrorPage(ctx, showPage, problem, more);
  sendProblem(ctx, problem);
}
