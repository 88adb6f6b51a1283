import type { Context } from 'koa';
import type { ViewReply } from './form-page.ts';
import { setPageHeaders } from './security-headers.ts';
import type { Views } from './views.ts';
import type { Locales } from './page-language.ts';

export const NO_SUCH_PAGE = { status: 404, code: 'no_such_page' };

/** Responds with a page, in the visitor's language. */
export type ShowPage = (ctx: Context, reply: ViewReply) => Promise<void>;

export function createShowPage({ views, locales }: { views: Views; locales: Locales }): ShowPage {
  return async (ctx, reply) => {
    const locale = reply.language ? { language: reply.language } : locales.of(ctx, reply.reader);
    const returnTo = reply.language ? undefined : addressToShowAgain(ctx, reply);
    const body = await views.render(reply.view, { returnTo, ...reply.model }, locale);
    setPageHeaders(ctx, reply);
    // Not no-referrer: browsers would send `Origin: null` with the page's own form then.
    if (reply.hasSecretAddress) ctx.set('Referrer-Policy', 'strict-origin');
    if (reply.ownsWindow) ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
    if (reply.retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(reply.retryAfter)));
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Language', locale.language);
    ctx.vary('Accept-Language');
    ctx.vary('Cookie');
    ctx.type = 'html';
    ctx.body = body;
    if (reply.status) ctx.status = reply.status;
  };
}

/** Responds with the page of an error. What `more` says, the page shows in place of what it would by itself. */
export function showErrorPage(
  ctx: Context,
  showPage: ShowPage,
  { status, code, retryAfter }: { status: number; code: string; retryAfter?: number | undefined },
  more: { returnTo?: string | undefined } = {},
): Promise<void> {
  const requestId = ctx.state['requestId'] as string | undefined;
  return showPage(ctx, { view: 'error', model: { status, code, requestId, ...more }, status, retryAfter });
}

/** What a form has brought about is shown once; everything else can be asked for again, in another language too. */
function addressToShowAgain(ctx: Context, { status = 200 }: ViewReply): string | undefined {
  const isAnswerToForm = ctx.method === 'POST' && status < 400;
  return isAnswerToForm ? undefined : ctx.url;
}
