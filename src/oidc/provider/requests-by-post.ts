import type { Context, Middleware, Next } from 'koa';
import { readFormParameters } from '../../platform/http/body.ts';
import type { PostedRequests } from './posted-requests.ts';

/**
 * OpenID Connect Core 3.1.2.1 and RP-Initiated Logout 1.0, section 2, want requests by POST too. The provider would need
 * SameSite=None cookies for that; answered with a redirect to the same request by GET, the session's cookie can stay
 * SameSite=Lax.
 */
export function requestsByPost(
  { base, paths }: { base: string; paths: string[] },
  { addressFor, parametersOf }: Pick<PostedRequests, 'addressFor' | 'parametersOf'>,
): Middleware {
  async function answer(ctx: Context, next: Next): Promise<void> {
    if (ctx.method !== 'POST') {
      const kept = await parametersOf(ctx.path, ctx.URL.searchParams);
      if (kept !== undefined) ctx.querystring = kept;
      return next();
    }
    // A parameter that is sent twice stays twice, and is refused or used like that.
    const query = (await readFormParameters(ctx)).toString();
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 303;
    ctx.redirect(`${base}${await addressFor(ctx.path, query)}`);
  }

  return (ctx, next) => (paths.includes(ctx.path) ? answer(ctx, next) : next());
}
