import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Actor } from '../base/actor.ts';
import { readJson } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { asCohortError, NoSuchMethod, NoSuchPath, sendProblem, toProblem } from './problems.ts';
import { parseBody, parseParameters } from './validate.ts';

/** Turns a request's credentials into an actor that holds `scope`. @throws Unauthenticated or Forbidden. */
export type Guard = (request: { authorization: string; scope: string; address: string }) => Promise<Actor>;

export interface ApiOptions {
  endpoints: Endpoint[];
  /** The OpenAPI document, served at `/v1/openapi.json` to anybody. */
  document: object;
  guard: Guard;
  /** Called for what is not a CohortError. */
  onDefect(error: unknown, ctx: Context): void;
}

/** The `/v1` edge: problems net → bearer to actor → parse → one call → reply. */
export function createApi({ endpoints, document, guard, onDefect }: ApiOptions): Middleware[] {
  const router = new Router({ sensitive: true });
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    router[endpoint.method](path, (ctx: Context) => answer(ctx, endpoint, guard));
  }
  router.get('/v1/openapi.json', (ctx: Context) => {
    ctx.body = document;
  });
  return [problemsNet(onDefect), router.routes() as Middleware, refuseTheRest(endpoints)];
}

async function answer(ctx: Context, endpoint: Endpoint, guard: Guard): Promise<void> {
  const authorization = ctx.get('authorization');
  const actor = await guard({ authorization, scope: endpoint.scope, address: ctx.ip });
  const params = parseParameters(endpoint.params, (ctx as Context & { params: unknown }).params);
  const query = parseParameters(endpoint.query, { ...ctx.query });
  const body = endpoint.body ? parseBody(endpoint.body, await readJson(ctx, endpoint.bodyLimit)) : undefined;
  const reply = await endpoint.handle({ params, query, body, actor });
  ctx.status = endpoint.status;
  if (endpoint.status === 204) return;
  // Parsed on the way out too, so that nothing leaves that the document does not promise.
  ctx.body = endpoint.reply.parse(reply);
}

function problemsNet(onDefect: ApiOptions['onDefect']): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/v1/') && ctx.path !== '/v1') return next();
    ctx.set('Cache-Control', 'no-store');
    try {
      await next();
    } catch (error) {
      const problem = toProblem(error, ctx.state['requestId'] as string | undefined);
      if (problem.status >= 500) onDefect(error, ctx);
      const known = asCohortError(error);
      if (known?.challenge) ctx.set('WWW-Authenticate', known.challenge);
      sendProblem(ctx, problem, known?.retryAfter);
    }
  };
}

function refuseTheRest(endpoints: Endpoint[]): Middleware {
  const paths = endpoints.map(({ path, method }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  }));
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/v1/') && ctx.path !== '/v1') return next();
    const allowed = paths.filter(({ pattern }) => pattern.test(ctx.path)).map(({ method }) => method);
    if (allowed.length === 0) throw NoSuchPath();
    ctx.set('Allow', allowed.join(', '));
    throw NoSuchMethod();
  };
}
