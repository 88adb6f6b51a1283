import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context, Middleware, Next } from 'koa';
import { basePathOf } from '../issuer.ts';
import { readForm } from './body.ts';
import type { FormPage, PageReply, PageRequest } from './form-page.ts';
import { CohortError } from '../errors.ts';
import { asCohortError, CrossOrigin, toProblem } from './problems.ts';
import { createPageCookies } from './page-cookies.ts';
import { NO_SUCH_PAGE, showErrorPage, type ShowPage } from './show-page.ts';
import type { Locales } from './page-language.ts';

export interface PagesOptions {
  pages: FormPage[];
  showPage: ShowPage;
  locales: Locales;
  /** Forms must come from its origin. */
  issuer: string;
}

/** Serves the modules' pages. */
export function createPages({ pages, showPage, locales, issuer }: PagesOptions): Middleware {
  const router = new Router({ sensitive: true });
  const cookies = createPageCookies(issuer);
  const { origin } = new URL(issuer);
  const base = basePathOf(issuer);
  const answer = async (ctx: Context, handle: (request: PageRequest) => Promise<PageReply>, fields = {}) => {
    const reply = await handle({
      ...toRequest(ctx),
      fields,
      cookies: cookies.read(ctx),
      language: locales.of(ctx).language,
    });
    if (reply.cookies) cookies.write(ctx, reply.cookies);
    await send(ctx, showPage, below(base, reply));
  };
  for (const { path, show, submit, bodyLimit } of pages) {
    if (show) router.get(path, (ctx: Context) => answer(ctx, show));
    if (submit) {
      router.post(path, async (ctx: Context) => {
        assertSameOrigin(ctx, origin);
        await answer(ctx, submit, await readForm(ctx, bodyLimit));
      });
    }
  }
  return router.routes() as Middleware;
}

function toRequest(ctx: Context): Omit<PageRequest, 'fields' | 'cookies' | 'language'> {
  const { params } = ctx as Context & { params: Record<string, string> };
  const single = Object.entries(ctx.query).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]);
  const query = Object.fromEntries(single) as Record<string, string>;
  const { ip: address, req, res } = ctx;
  return { params, query, address, userAgent: ctx.get('user-agent'), exchange: { req, res } };
}

/** A path of ours begins at the root; an address elsewhere, or one made from the issuer, is complete. */
const below = (base: string, reply: PageReply): PageReply =>
  'redirect' in reply && reply.redirect.startsWith('/') ? { ...reply, redirect: `${base}${reply.redirect}` } : reply;

async function send(ctx: Context, showPage: ShowPage, reply: PageReply): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  if ('download' in reply) {
    ctx.type = reply.download.type;
    ctx.attachment(reply.download.fileName);
    const { content } = reply.download;
    ctx.body = typeof content === 'string' ? content : Readable.from(content);
    return;
  }
  if ('redirect' in reply) {
    ctx.status = 303;
    ctx.redirect(reply.redirect);
    return;
  }
  await showPage(ctx, reply);
}

// Sec-Fetch-Site is the browser's own word and decides; Origin is for browsers that do not send it. What sends neither is
// no browser, or one so old that the SameSite cookies are all it has.
function assertSameOrigin(ctx: Context, origin: string): void {
  const site = ctx.get('sec-fetch-site');
  if (site === 'same-origin' || site === 'none') return;
  if (site) throw CrossOrigin();
  const sent = ctx.get('origin');
  if (sent && sent !== origin) throw CrossOrigin();
}

export interface ErrorPagesOptions {
  showPage: ShowPage;
  onDefect(error: unknown, ctx: Context): void;
}

/** Shows an error page for any error below, and for what nothing answers. */
export function showErrorPages({ showPage, onDefect }: ErrorPagesOptions): Middleware {
  return async (ctx: Context, next: Next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null) await showErrorPage(ctx, showPage, NO_SUCH_PAGE);
    } catch (error) {
      const problem = toProblem(error, ctx.state['requestId'] as string | undefined);
      if (problem.status >= 500 && !(error instanceof CohortError)) onDefect(error, ctx);
      const { status, code } = problem;
      await showErrorPage(ctx, showPage, { status, code, retryAfter: asCohortError(error)?.retryAfter });
    }
  };
}
