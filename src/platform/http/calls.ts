import { Readable } from 'node:stream';
import type { z } from 'zod';
import { holds, requireScopes, type Actor } from '../actor.ts';
import { CohortError } from '../errors.ts';
import { toAnswer, type Answer } from './answer.ts';
import type { Access } from './authorization.ts';
import type { Endpoint, EndpointInput } from './endpoint.ts';
import { createHiddenCursors, type CursorBox } from './hidden-cursors.ts';
import { patchedBody } from './merge-patch.ts';
import { createUnchangedReplies } from './unchanged.ts';
import { createPreconditions, type Conditions, type PreconditionOptions } from './preconditions.ts';
import { parseBody, parseParameters } from './validate.ts';

export type Input = EndpointInput<never, never, never>;

export interface CallsOptions {
  endpoints: Endpoint[];
  access: Access;
  preconditions: PreconditionOptions;
  cursors: CursorBox;
}

/** As much of an endpoint as a caller has to know. */
interface Callable<P extends z.ZodObject, B extends z.ZodType, R extends z.ZodType, D extends z.ZodType> {
  method: Endpoint['method'];
  path: Endpoint['path'];
  params?: P;
  body?: B;
  reply: R;
  dryRunReply?: D;
}

/** A call as a page makes it: what would be in the address, the query and the body of a request. */
export type CallOf<P extends z.ZodObject, B extends z.ZodType> = {
  query?: Record<string, string>;
  /** Instead of a body, for calls that take a file. */
  upload?: { content: string; type: string };
  /** The ETag that was read before a change. */
  ifMatch?: string | undefined;
} & (HasNone<P> extends true ? { params?: undefined } : { params: PathParameters<P> }) &
  (B extends z.ZodUndefined ? { body?: undefined } : { body?: z.input<B> });

type HasNone<P extends z.ZodObject> = [keyof P['shape']] extends [never] ? true : false;

type PathParameters<P extends z.ZodObject> = Record<Extract<keyof P['shape'], string>, string>;

type CallArguments<P extends z.ZodObject, B extends z.ZodType> =
  HasNone<P> extends true ? [call?: CallOf<P, B>] : [call: CallOf<P, B>];

/** What the body of a call may hold. */
export type BodyOf<E extends { body?: z.ZodType }> = z.input<NonNullable<E['body']>>;

/** The good answer to a call, parsed. */
export interface Reply<T> {
  body: T;
  etag: string;
}

/** Calls with an actor's rights. What they take and give follows from the endpoint. */
export interface Caller {
  /** @throws a CohortError as the API would answer it */
  call<P extends z.ZodObject, B extends z.ZodType, R extends z.ZodType, D extends z.ZodType>(
    endpoint: Callable<P, B, R, D>,
    ...call: CallArguments<P, B>
  ): Promise<Reply<z.output<R>>>;
  /** The same with `dry_run=true`. @throws a CohortError as the API would answer it */
  dryRun<P extends z.ZodObject, B extends z.ZodType, R extends z.ZodType, D extends z.ZodType>(
    endpoint: Callable<P, B, R, D>,
    ...call: CallArguments<P, B>
  ): Promise<Reply<z.output<D>>>;
  /** Whether a call about this would be allowed; without a body, as far as it does not depend on it. */
  allows<P extends z.ZodObject>(
    endpoint: Pick<Callable<P, z.ZodType, z.ZodType, z.ZodType>, 'method' | 'path' | 'params'>,
    params: PathParameters<P>,
    body?: unknown,
  ): Promise<boolean>;
}

type AnyCall = Partial<Omit<CallOf<z.ZodObject, z.ZodType>, 'params'>> & {
  params?: Record<string, string> | undefined;
};

export type Calls = ReturnType<typeof createCalls>;

/** Calls of `/v1`, whichever way they come in: over HTTP, or from a page in this process. One rule for both. */
export function createCalls({ endpoints, access, preconditions, cursors }: CallsOptions) {
  const hiddenCursors = createHiddenCursors(cursors);
  const { guarded, etagFor, currentResult } = createPreconditions(endpoints, preconditions);
  const { unlessUnchanged } = createUnchangedReplies();
  const byName = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]));

  /** What is allowed is done, if the conditions hold. @throws a CohortError */
  async function perform(endpoint: Endpoint, input: Input, conditions: Conditions): Promise<Answer> {
    await endpoint.authorize.assert(access, input);
    return unlessUnchanged(conditions, endpoint, input, async () => {
      const done = await guarded(conditions, endpoint, input, () => handle(endpoint, input));
      const etag = typeof done.body === 'string' ? await etagFor(endpoint, input, done.body) : undefined;
      if (etag) done.headers['ETag'] = etag;
      return done;
    });
  }

  /**
   * The same with a merge patch as the body. It is applied to what is there in the transaction of the change, so that of two
   * services which change different keys at once neither takes back what the other did.
   */
  async function performPatch(
    endpoint: Endpoint,
    input: Input,
    { patch, ...conditions }: Conditions & { patch: unknown },
  ): Promise<Answer> {
    const parsed = (present: Record<string, unknown>): Input => ({
      ...input,
      // A cast, because what the endpoint's own shape parses to is what its handler takes.
      body: parseBody(endpoint.body!, patchedBody(endpoint.body!, patch, present)) as never,
    });
    // Whoever may not make the change learns nothing of what is there.
    await endpoint.authorize.assert(access, parsed({}));
    return preconditions.transact(async () =>
      perform(endpoint, parsed(await currentResult(endpoint, input)), conditions),
    );
  }

  async function allows(
    actor: Actor,
    { scope, authorize }: Endpoint,
    { params, body }: { params: Record<string, string>; body: unknown },
  ): Promise<boolean> {
    if (!holds(actor, scope)) return false;
    try {
      await authorize.assert(access, { actor, params, query: {}, body });
      return true;
    } catch (error) {
      if (error instanceof CohortError) return false;
      throw error;
    }
  }

  /** The same as a request to `/v1` with these rights, without the way over the network. */
  async function callAs(actor: Actor, endpoint: Endpoint, call: AnyCall): Promise<Reply<never>> {
    const { params = {}, query = {}, body, upload, ifMatch = '*' } = call;
    requireScopes(actor, [endpoint.scope]);
    // Casts, because what the endpoint's own shapes parse to is what its handler takes.
    const input = {
      params: parseParameters(endpoint.params, params) as never,
      query: parseParameters(endpoint.query, hiddenCursors.toQuery(actor, query)) as never,
      body: (await bodyFor(endpoint, body, upload)) as never,
      actor,
    };
    const answer = await perform(endpoint, input, { ifMatch });
    const parsed: unknown = typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body;
    // A cast, because the answer was made by the endpoint's own shape of the reply.
    return { body: hiddenCursors.toReply(actor, parsed) as never, etag: answer.headers['ETag'] ?? '' };
  }

  function callsOf(actor: Actor): Caller {
    return {
      call: (endpoint, ...[call = {}]) => callAs(actor, endpointOf(endpoint), call),
      dryRun: (endpoint, ...[call = {}]) =>
        callAs(actor, endpointOf(endpoint), { ...call, query: { ...call.query, dry_run: 'true' } }),
      allows: (endpoint, params, body) => allows(actor, endpointOf(endpoint), { params, body }),
    };
  }

  function endpointOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): Endpoint {
    const endpoint = byName.get(`${method} ${path}`);
    if (!endpoint) throw new Error(`There is no endpoint ${method} ${path}.`);
    return endpoint;
  }

  return { perform, performPatch, callsOf };
}

async function bodyFor(endpoint: Endpoint, body: unknown, upload: AnyCall['upload']): Promise<unknown> {
  if (!endpoint.receive) return endpoint.body ? parseBody(endpoint.body, body) : undefined;
  const { content = '', type = '' } = upload ?? {};
  return (await endpoint.receive(Readable.from([Buffer.from(content)]), type)).body;
}

async function handle(endpoint: Endpoint, input: Input): Promise<Answer> {
  const { dryRun, dryRunReply } = endpoint;
  const { dry_run: isDry } = input.query as { dry_run?: boolean };
  if (!dryRun || !dryRunReply || !isDry) return toAnswer(endpoint, await endpoint.handle(input));
  return { status: 200, headers: {}, body: JSON.stringify(dryRunReply.parse(await dryRun(input))) };
}
