import type { Context, Middleware } from 'koa';
import Router from '@koa/router';
import type { z } from 'zod';
import type { Application } from '../../directory/applications/application.ts';
import { readJson } from '../../platform/http/body.ts';
import { statusOf, Unavailable, UNAVAILABLE_SECONDS } from '../../platform/http/problems.ts';
import { isDatabaseAway } from '../../platform/db/away.ts';
import { CohortError } from '../../platform/errors.ts';
import type { OnDefect } from '../../directory/module.ts';
import type { AuthenticateReceiver } from './authenticate-receiver.ts';
import type { Poll } from './poll.ts';
import { SIGNAL_SCOPES, type SignalScope } from './receiver.ts';
import {
  changedStreamShape,
  newStreamShape,
  pollShape,
  replacedStreamShape,
  statusShape,
  subjectShape,
  verificationShape,
} from './stream.ts';
import { presentStatus, type Streams } from './streams.ts';
import { TransmitterError } from './transmitter-error.ts';

export interface TransmitterOptions {
  streams: Streams;
  poll: Poll;
  authenticate: AuthenticateReceiver;
  onDefect: OnDefect;
}

/** What a request comes to: a status, and a body if there is one. */
type Reply = [status: number, body?: unknown];
type Handle = (ctx: Context, application: Application) => Promise<Reply>;

const READ: readonly SignalScope[] = SIGNAL_SCOPES;
const MANAGE: readonly SignalScope[] = ['ssf.manage'];
const STREAM = '/ssf/stream';

/** The endpoints of the Shared Signals transmitter (SSF 1.0, sections 7 and 8; RFC 8936). */
export function transmitterRoutes({ streams, poll, authenticate, onDefect }: TransmitterOptions): Middleware {
  const router = new Router({ sensitive: true });

  function answer(
    method: 'get' | 'post' | 'patch' | 'put' | 'delete',
    path: string,
    scopes: readonly SignalScope[],
    handle: Handle,
  ) {
    router[method](path, async (ctx: Context) => {
      ctx.set('cache-control', 'no-store');
      try {
        const [status, body] = await handle(ctx, await authenticate(ctx.get('authorization'), scopes));
        ctx.status = status;
        ctx.body = body ?? null;
        // Koa takes a body that is none for "no content".
        ctx.status = status;
      } catch (error) {
        refuse(ctx, error, onDefect);
      }
    });
  }

  answer('post', STREAM, MANAGE, async (ctx, { id }) => {
    const stream = await streams.create(id, await bodyOf(ctx, newStreamShape));
    return [201, streams.present(stream)];
  });
  answer('get', STREAM, READ, async (ctx, { id }) => {
    const wanted = ctx.query['stream_id'];
    if (wanted === undefined) return [200, (await streams.list(id)).map(streams.present)];
    return [200, streams.present(await streams.get(id, String(wanted)))];
  });
  answer('patch', STREAM, MANAGE, async (ctx, { id }) => {
    const change = await bodyOf(ctx, changedStreamShape);
    return [200, streams.present(await streams.update(id, change))];
  });
  answer('put', STREAM, MANAGE, async (ctx, { id }) => {
    const { stream_id: streamId, ...wanted } = await bodyOf(ctx, replacedStreamShape);
    return [200, streams.present(await streams.replace(id, streamId, wanted))];
  });
  answer('delete', STREAM, MANAGE, async (ctx, { id }) => {
    await streams.remove(id, String(ctx.query['stream_id']));
    return [204];
  });
  answer('get', `${STREAM}/status`, READ, async (ctx, { id }) => {
    return [200, presentStatus(await streams.get(id, String(ctx.query['stream_id'])))];
  });
  answer('post', `${STREAM}/status`, MANAGE, async (ctx, { id }) => {
    const { stream_id: streamId, status, reason } = await bodyOf(ctx, statusShape);
    return [200, presentStatus(await streams.setStatus(id, streamId, status, reason))];
  });
  answer('post', `${STREAM}/verification`, MANAGE, async (ctx, { id }) => {
    const { stream_id: streamId, state } = await bodyOf(ctx, verificationShape);
    await streams.verify(id, streamId, state);
    return [204];
  });
  answer('post', `${STREAM}/add-subject`, MANAGE, async (ctx, { id }) => {
    const { stream_id: streamId, subject } = await bodyOf(ctx, subjectShape);
    await streams.setSubject(id, streamId, subject, true);
    return [200];
  });
  answer('post', `${STREAM}/remove-subject`, MANAGE, async (ctx, { id }) => {
    const { stream_id: streamId, subject } = await bodyOf(ctx, subjectShape);
    await streams.setSubject(id, streamId, subject, false);
    return [204];
  });
  answer('post', '/ssf/poll/:stream_id', READ, async (ctx, { id }) => {
    const { stream_id: streamId } = ctx['params'] as { stream_id: string };
    const stream = await streams.get(id, streamId);
    if (stream.push) throw new TransmitterError(404, 'not_found', 'the events of this stream are pushed');
    return [200, await poll(stream, await bodyOf(ctx, pollShape))];
  });

  return router.routes() as Middleware;
}

async function bodyOf<Shape extends z.ZodType>(ctx: Context, shape: Shape): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await readJson(ctx));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new TransmitterError(400, 'invalid_request', faults.join('; '));
}

function refuse(ctx: Context, error: unknown, onDefect: OnDefect): void {
  if (isDatabaseAway(error)) {
    ctx.set('retry-after', String(UNAVAILABLE_SECONDS));
    return show(ctx, new TransmitterError(503, 'temporarily_unavailable', Unavailable.title));
  }
  if (error instanceof TransmitterError) return show(ctx, error);
  if (error instanceof CohortError)
    return show(ctx, new TransmitterError(statusOf[error.kind], error.code, error.message));
  onDefect(error, ctx);
  show(ctx, new TransmitterError(500, 'server_error', 'something went wrong'));
}

function show(ctx: Context, { status, code, message }: TransmitterError): void {
  ctx.status = status;
  // RFC 6750, section 3.
  if (status === 401 || code === 'insufficient_scope')
    ctx.set('www-authenticate', `Bearer error="${code}", error_description="${message}"`);
  ctx.body = { error: code, error_description: message, err: code, description: message };
}
