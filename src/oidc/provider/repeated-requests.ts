import type { Context, Middleware, Next } from 'koa';
import { withBasis, type Basis } from '../../platform/basis.ts';
import type { Clock } from '../../platform/clock.ts';
import { isPlainObject } from '../../platform/plain-object.ts';
import { sentBody } from './readable-bodies.ts';

/** So long an answer is given again, and so soon after a request the same one counts as its repetition. */
const AGAIN_MS = 1000;

/** The requests of a second and their answers are kept, up to so many characters together. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

export interface RepeatedRequestsOptions {
  now: Clock;
  /** A request with one of these headers always gets a new answer, because the answer may depend on it. */
  unusualHeaders: string[];
}

interface Answer {
  /** When the request came that it was made for, in Unix milliseconds. */
  at: number;
  headers: [name: string, value: string | string[]][];
  body: string | Buffer;
  holds: Basis;
}

/** A request: when it came last, and an answer that may be good for the next one. */
interface Seen {
  at: number;
  answer?: Answer | undefined;
}

/**
 * Gives the same request at userinfo and introspection the same answer, for at most a second: an application that gets twenty
 * requests of one page asks twenty times about one token. The answer is given again only as long as everything that it was made
 * from is what memory holds (`basis.ts`), so whatever ends a token or changes a claim is seen as soon as without this. Only
 * what time alone changes, such as a membership that begins, may be seen up to a second later.
 */
export function repeatedRequests({ now, unusualHeaders }: RepeatedRequestsOptions): Middleware {
  const unusual = ['origin', 'dpop', ...unusualHeaders.map((name) => name.toLowerCase())];
  const seen = new Map<string, Seen>();
  let characters = 0;

  function forget(key: string): void {
    const known = seen.get(key);
    if (known) characters -= lengthOf(key, known);
    seen.delete(key);
  }

  function note(key: string, request: Seen): void {
    forget(key);
    seen.set(key, request);
    characters += lengthOf(key, request);
    for (const [oldest, { at }] of seen) {
      if (characters <= MOST_CHARACTERS && request.at - at < AGAIN_MS) break;
      forget(oldest);
    }
  }

  async function answer(ctx: Context, next: Next, key: string): Promise<void> {
    const at = now().getTime();
    const isRecent = (then: number) => then <= at && at - then < AGAIN_MS;
    const last = seen.get(key);
    const isRepeated = last !== undefined && isRecent(last.at);
    const known = last?.answer;
    const good = isRepeated && known && isRecent(known.at) && known.holds() ? known : undefined;
    note(key, { at, answer: good });
    if (good) give(ctx, good);
    else if (isRepeated) note(key, { at, answer: await makeAnswer(ctx, next, at) });
    else await next();
  }

  return (ctx, next) => {
    const key = unusual.some((name) => ctx.req.headers[name] !== undefined) ? undefined : keyOf(ctx);
    return key === undefined ? next() : answer(ctx, next, key);
  };
}

const lengthOf = (key: string, { answer }: Seen): number => key.length + (answer?.body.length ?? 0);

/** All of a request that its answer depends on; undefined for those that always get a new answer. */
function keyOf(ctx: Context): string | undefined {
  const { method, path } = ctx;
  const isUserinfo = method === 'GET' && path === '/me';
  const isIntrospection = method === 'POST' && path === '/token/introspection';
  if ((!isUserinfo && !isIntrospection) || ctx.querystring !== '') return undefined;
  const body = isIntrospection ? sentBody(ctx)?.toString('latin1') : '';
  if (body === undefined) return undefined;
  const { authorization = '', accept = '', 'content-type': type = '' } = ctx.req.headers;
  return [path, authorization, accept, type, body].join('\n');
}

async function makeAnswer(ctx: Context, next: Next, at: number): Promise<Answer | undefined> {
  const before = { ...ctx.response.headers };
  const holds = await withBasis(next);
  const body = holds && ctx.status === 200 ? writtenBody(ctx.body) : undefined;
  if (!holds || body === undefined) return undefined;
  const headers = Object.entries(ctx.response.headers).flatMap(([name, value]): Answer['headers'] =>
    value === undefined || value === before[name] || name === 'content-length'
      ? []
      : [[name, Array.isArray(value) ? value : String(value)]],
  );
  return { at, headers, body, holds };
}

/** As Koa sends it; undefined for what is neither written already nor JSON. */
function writtenBody(body: unknown): string | Buffer | undefined {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body;
  return isPlainObject(body) ? JSON.stringify(body) : undefined;
}

function give(ctx: Context, { headers, body }: Answer): void {
  for (const [name, value] of headers) ctx.set(name, value);
  ctx.body = body;
}
