import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import compose from 'koa-compose';
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { basePathOf } from '../../platform/issuer.ts';

/** What a request has besides its path: with a form, it is a POST. */
export interface Asked {
  form?: Record<string, string> | undefined;
  bearer?: string | undefined;
}

export type AskProvider = (path: string, asked?: Asked) => Promise<KoaContextWithOIDC>;

/** Sends requests to a provider in this process; the answer is in the context. */
export function createAskProvider(provider: Provider): AskProvider {
  const answer = compose(provider.middleware) as Middleware;
  const { host, origin } = new URL(provider.issuer);
  return async (path, { form, bearer } = {}) => {
    const body = Buffer.from(form ? new URLSearchParams(form).toString() : '');
    const req = new IncomingMessage(new Socket());
    req.method = form ? 'POST' : 'GET';
    // Absolute, so that the provider makes its addresses from the issuer's scheme and not from that of the socket.
    req.url = `${origin}${path}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) };
    req.headers = { host, ...(form ? type : {}), ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) };
    req.push(body);
    req.push(null);
    const ctx = provider.createContext(req, new ServerResponse(req));
    Object.assign(ctx, { mountPath: basePathOf(provider.issuer) });
    await answer(ctx, async () => {});
    // A cast, because the provider adds its part to every context that it answers.
    return ctx as unknown as KoaContextWithOIDC;
  };
}
