import type { Middleware } from 'koa';
import { isCoded } from '../../platform/http/content-coding.ts';

/** The provider reads bodies as they come, and would read parameters that were not sent into compressed ones. */
export const takePlainBodiesOnly: Middleware = async (ctx, next) => {
  if (ctx.method === 'GET' || ctx.method === 'HEAD' || !isCoded(ctx.req)) return next();
  ctx.status = 415;
  ctx.set('Accept-Encoding', 'identity');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'invalid_request', error_description: 'a compressed body is not supported' };
};
