import type { Middleware } from 'koa';
import { readFormParameters } from '../../platform/http/body.ts';

/**
 * OpenID Connect Core 3.1.2.1 wants authorization requests by POST too. The provider would need SameSite=None cookies for
 * that; answered with a redirect to the same request by GET, the session's cookie can stay SameSite=Lax.
 */
export function authorizationByPost(path: string): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== path) return next();
    // A parameter that is sent twice stays twice, and is refused or used like that.
    const query = (await readFormParameters(ctx)).toString();
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 303;
    ctx.redirect(`${path}?${query}`);
  };
}
