import { Readable } from 'node:stream';
import { holds, requireScopes, type Actor } from '../actor.ts';
import { CohortError } from '../errors.ts';
import { toAnswer, etagOf, type Answer } from './answer.ts';
import type { Endpoint, EndpointInput } from './endpoint.ts';
import { createHiddenCursors, type CursorBox } from './hidden-cursors.ts';
import { createPreconditions, type PreconditionOptions } from './preconditions.ts';
import { parseBody, parseParameters } from './validate.ts';

export type Input = EndpointInput<never, never, never>;

/** What the scope of an endpoint does not say yet. @throws a CohortError for who may not. */
export type Authorize = (
  actor: Actor,
  call: { method: string; path: string; params: unknown; query: unknown; body: unknown },
) => Promise<void>;

export interface CallsOptions {
  endpoints: Endpoint[];
  authorize: Authorize;
  preconditions: PreconditionOptions;
  cursors: CursorBox;
}

/** A call as a page makes it: what would be in the address, the query and the body of a request. */
export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Instead of a body, for calls that take a file. */
  upload?: { content: string; type: string };
  /** The ETag that was read before a change. */
  ifMatch?: string | undefined;
}

/** The good answer to a call, parsed. */
export interface Reply<T> {
  body: T;
  etag: string;
}

export type Calls = ReturnType<typeof createCalls>;

/** Calls of `/v1`, whichever way they come in: over HTTP, or from a page in this process. One rule for both. */
export function createCalls({ endpoints, authorize, preconditions, cursors }: CallsOptions) {
  const hiddenCursors = createHiddenCursors(cursors);
  const { guarded, showsItself } = createPreconditions(endpoints, preconditions);
  const byName = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]));

  /** What is allowed is done, if it was not changed since `ifMatch` was read. @throws a CohortError */
  async function perform(endpoint: Endpoint, input: Input, ifMatch: string): Promise<Answer> {
    const { method, path } = endpoint;
    await authorize(input.actor, { method, path, ...input });
    const done = await guarded(ifMatch, endpoint, input, () => handle(endpoint, input));
    if (typeof done.body === 'string' && showsItself(endpoint)) done.headers['ETag'] = etagOf(done.body);
    return done;
  }

  /** Whether an actor with these rights could make a call about this, as far as it does not depend on the body. */
  async function allows(actor: Actor, name: string, params: Record<string, string>): Promise<boolean> {
    const { method, path, scope } = endpointAt(name);
    if (!holds(actor, scope)) return false;
    try {
      await authorize(actor, { method, path, params, query: {}, body: undefined });
      return true;
    } catch (error) {
      if (error instanceof CohortError) return false;
      throw error;
    }
  }

  function endpointAt(name: string): Endpoint {
    const endpoint = byName.get(name);
    if (!endpoint) throw new Error(`There is no endpoint ${name}.`);
    return endpoint;
  }

  /** The same as a request to `/v1` with these rights, without the way over the network. */
  function callsOf(actor: Actor) {
    return async <T>(
      name: string,
      { params = {}, query = {}, body, upload, ifMatch = '*' }: Call = {},
    ): Promise<Reply<T>> => {
      const endpoint = endpointAt(name);
      requireScopes(actor, [endpoint.scope]);
      // Casts, because what the endpoint's own shapes parse to is what its handler takes.
      const input = {
        params: parseParameters(endpoint.params, params) as never,
        query: parseParameters(endpoint.query, hiddenCursors.toQuery(actor, query)) as never,
        body: (await bodyFor(endpoint, body, upload)) as never,
        actor,
      };
      const answer = await perform(endpoint, input, ifMatch);
      const parsed: unknown = typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body;
      return { body: hiddenCursors.toReply(actor, parsed) as T, etag: answer.headers['ETag'] ?? '' };
    };
  }

  return { perform, allows, callsOf };
}

async function bodyFor(endpoint: Endpoint, body: unknown, upload: Call['upload']): Promise<unknown> {
  if (!endpoint.upload) return endpoint.body ? parseBody(endpoint.body, body) : undefined;
  const { content = '', type = '' } = upload ?? {};
  return (await endpoint.upload.receive(Readable.from([Buffer.from(content)]), type)).body;
}

async function handle(endpoint: Endpoint, input: Input): Promise<Answer> {
  const { dryRun } = endpoint;
  const { dry_run: isDry } = input.query as { dry_run?: boolean };
  if (!dryRun || !isDry) return toAnswer(endpoint, await endpoint.handle(input));
  return { status: 200, headers: {}, body: JSON.stringify(dryRun.reply.parse(await dryRun.handle(input))) };
}
