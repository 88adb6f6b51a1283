import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Actor } from '../actor.ts';
import { CohortError, type ErrorKind } from '../errors.ts';
import { send, type Answer } from './answer.ts';
import { readJson, readUpload } from './body.ts';
import type { Calls, Input } from './calls.ts';
import { bodyTypesOf, type Endpoint } from './endpoint.ts';
import { MERGE_PATCH } from './merge-patch.ts';
import { fingerprintOf, parseKey, type AnswerMemory } from './idempotency.ts';
import { asCohortError, NoSuchMethod, RouteNotFound, sendProblem, toProblem, type Problem } from './problems.ts';
import { showRate, type RateLimit } from './rate-limit.ts';
import { parseBody, parseParameters } from './validate.ts';

/** Turns a request's credentials into an actor that holds `scope`. @throws Unauthenticated or Forbidden. */
export type Guard = (request: { authorization: string; scope: string; address: string }) => Promise<Actor>;

/** What stands between a request and its endpoint. */
export interface Edge {
  guard: Guard;
  rateLimit: RateLimit;
  answers: AnswerMemory;
}

export interface ApiOptions {
  endpoints: Endpoint[];
  /** The OpenAPI document, served at `/v1/openapi.json` to anybody. */
  document(): object;
  calls: Calls;
  edge: Edge;
  /** Called for what is not a CohortError. */
  onDefect(error: unknown, ctx: Context): void;
}

/** The pipeline of `/v1`: problem details → bearer token to actor → rate → parse → once, if unchanged → one call → reply. */
export function createApi({ endpoints, document, calls, edge, onDefect }: ApiOptions): Middleware[] {
  const router = new Router({ sensitive: true });
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    router[endpoint.method](path, (ctx: Context) => answer(ctx, endpoint));
  }
  router.get('/v1/openapi.json', (ctx: Context) => {
    ctx.body = document();
  });

  async function answer(ctx: Context, endpoint: Endpoint): Promise<void> {
    const authorization = ctx.get('authorization');
    const actor = await edge.guard({ authorization, scope: endpoint.scope, address: ctx.ip });
    showRate(ctx, await edge.rateLimit(actor.id));
    const { input, digest, patch } = await parse(ctx, endpoint, actor);
    const conditions = {
      ifMatch: ctx.get('if-match'),
      ifNoneMatch: ctx.get('if-none-match'),
      isReload: /(^|,)\s*no-cache\s*(,|$)/i.test(ctx.get('cache-control')),
    };
    const perform = () =>
      patch
        ? calls.performPatch(endpoint, input, { ...conditions, patch: patch.json })
        : calls.perform(endpoint, input, conditions);
    const done = await once(ctx, endpoint, { actor, digest, perform });
    if (done.headers['ETag']) ctx.set('Cache-Control', 'private, no-cache');
    send(ctx, done);
  }

  async function once(
    ctx: Context,
    { method }: Endpoint,
    { actor, digest, perform }: { actor: Actor; digest: string; perform: () => Promise<Answer> },
  ): Promise<Answer> {
    const { 'idempotency-key': header } = ctx.headers;
    if (method !== 'post' || header === undefined) return perform();
    const request = {
      owner: actor.id,
      key: parseKey(String(header)),
      fingerprint: fingerprintOf(ctx.method, ctx.originalUrl, digest),
    };
    const asAnswer = (error: unknown) => lastingRefusal(error, ctx.state['requestId'] as string | undefined);
    const { answer: done, isReplay } = await edge.answers.once(request, perform, asAnswer);
    if (isReplay) ctx.set('Idempotent-Replayed', 'true');
    return done;
  }

  return [problemsNet(onDefect), router.routes() as Middleware, answerUnknownRoutes(endpoints)];
}

/** What a request says. A merge patch can only be parsed together with what it changes. */
interface Parsed {
  input: Input;
  digest: string;
  patch?: { json: unknown } | undefined;
}

async function parse(ctx: Context, endpoint: Endpoint, actor: Actor): Promise<Parsed> {
  const params = parseParameters(endpoint.params, (ctx as Context & { params: unknown }).params);
  const query = parseParameters(endpoint.query, { ...ctx.query });
  const { body, digest, patch } = await parsedBody(ctx, endpoint);
  // Casts, because what the endpoint's own shapes parse to is what its handler takes.
  return { input: { params: params as never, query: query as never, body: body as never, actor }, digest, patch };
}

async function parsedBody(
  ctx: Context,
  endpoint: Endpoint,
): Promise<{ body?: unknown; digest: string; patch?: Parsed['patch'] }> {
  if (endpoint.receive) {
    const { stream, type } = readUpload(ctx, endpoint.accepts ?? []);
    return endpoint.receive(stream, type);
  }
  if (!endpoint.body) return { body: undefined, digest: '' };
  const types = bodyTypesOf(endpoint);
  if (types.includes(MERGE_PATCH)) ctx.set('Accept-Patch', types.join(', '));
  const json = await readJson(ctx, { limit: endpoint.bodyLimit, types });
  if (ctx.is(MERGE_PATCH)) return { digest: '', patch: { json } };
  return { body: parseBody(endpoint.body, json), digest: JSON.stringify(json) };
}

const LASTING: ErrorKind[] = ['invalid', 'missing', 'conflict', 'unprocessable'];

/** What the same call would be refused for again and again; not what time or another token mends. */
function lastingRefusal(error: unknown, requestId: string | undefined): Answer | undefined {
  if (!(error instanceof CohortError) || !LASTING.includes(error.kind)) return undefined;
  const problem: Problem = toProblem(error, requestId);
  const headers = { 'Content-Type': 'application/problem+json' };
  return { status: problem.status, headers, body: JSON.stringify(problem) };
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
      if (known?.rate) showRate(ctx, known.rate);
      sendProblem(ctx, problem, known?.retryAfter);
    }
  };
}

function answerUnknownRoutes(endpoints: Endpoint[]): Middleware {
  const paths = endpoints.map(({ path, method }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  }));
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/v1/') && ctx.path !== '/v1') return next();
    const allowed = paths.filter(({ pattern }) => pattern.test(ctx.path)).map(({ method }) => method);
    if (allowed.length === 0) throw RouteNotFound();
    ctx.set('Allow', allowed.join(', '));
    throw NoSuchMethod();
  };
}
