import type { Middleware } from 'koa';
import { basePathOf } from '../issuer.ts';
import { OPERATIONS } from './operations.ts';
import { NO_SUCH_PAGE, showErrorPage, type ShowPage } from './show-page.ts';

/** RFC 8414, section 3.1: the issuer's path comes after the well-known name. */
const AUTHORIZATION_SERVER = '/.well-known/oauth-authorization-server';

export interface BasePathOptions {
  issuer: string;
  showPage: ShowPage;
}

/**
 * An issuer may have a path, `https://host/auth`. This edge takes it off the addresses of requests, and views,
 * redirects and cookies put it on what a browser gets; everything between them knows paths from the root alone.
 */
export function answerBelowBasePath({ issuer, showPage }: BasePathOptions): Middleware {
  const base = basePathOf(issuer);
  if (!base) return (_ctx, next) => next();

  return async (ctx, next) => {
    // Probes and Prometheus ask at the root of the port, whatever the path.
    if (OPERATIONS.has(ctx.path)) return next();
    const inside = pathInside(ctx.path, base);
    if (inside !== undefined) {
      ctx.path = inside;
      // The provider makes the addresses of its endpoints from it.
      Object.assign(ctx, { mountPath: base });
      return next();
    }
    if (ctx.path === '/') return ctx.redirect(`${base}/`);
    await showErrorPage(ctx, showPage, NO_SUCH_PAGE);
  };
}

function pathInside(path: string, base: string): string | undefined {
  if (path === base) return '/';
  if (path.startsWith(`${base}/`)) return path.slice(base.length);
  return path === `${AUTHORIZATION_SERVER}${base}` ? AUTHORIZATION_SERVER : undefined;
}
