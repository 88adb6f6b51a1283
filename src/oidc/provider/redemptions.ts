import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Context } from 'koa';
import { errors } from 'oidc-provider';

/** The body of the token response before, and the one to send in its place; undefined leaves it. */
type Consume = (body: unknown) => Promise<unknown>;

/** The route at which codes and refresh tokens are redeemed. */
const TOKEN_PATH = '/token';

export type Redemptions = ReturnType<typeof createRedemptions>;

/**
 * Consumes a code, device code or refresh token as the last write of the request that redeems it, when the tokens that it is
 * redeemed for are stored. A request that fails before has consumed nothing, so that the application can send it again; of
 * several at once one consumes, and the others get its response or end what was issued under the grant.
 */
export function createRedemptions() {
  const underWay = new AsyncLocalStorage<Consume[]>();

  /** Outside of a token request it is done at once. */
  async function consumeLast(consume: Consume): Promise<void> {
    const waiting = underWay.getStore();
    // Bound to the provider's context, which says who the application is.
    if (waiting) waiting.push(AsyncResource.bind(consume));
    else await consume(undefined);
  }

  async function around(ctx: Context, answer: () => Promise<void>): Promise<void> {
    if (ctx.path !== TOKEN_PATH) return answer();
    const waiting: Consume[] = [];
    await underWay.run(waiting, answer);
    if (ctx.status !== 200) return;
    try {
      for (const consume of waiting) ctx.body = (await consume(ctx.body)) ?? ctx.body;
    } catch (error) {
      // The tokens are in the response by now, and must not leave.
      ctx.body = null;
      if (!(error instanceof errors.InvalidGrant)) throw error;
      const { error: code, error_description: description } = error;
      ctx.status = error.statusCode;
      ctx.body = { error: code, error_description: description };
    }
  }

  return { consumeLast, around };
}
