import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { secretsEqual } from '../ids.ts';

export interface OperationsOptions {
  /** Resolves when the database answers; rejects with the reason when not. */
  checkDatabase(): Promise<void>;
  /** Whether the embedded database is down and cannot be started again. */
  isDatabaseLost(): boolean | Promise<boolean>;
  /** The metrics of this process (or of all that share the port) in Prometheus' text format. */
  metrics(): Promise<string>;
  metricsToken: string | undefined;
  /** True from the moment in which this process began to stop. */
  isStopping(): boolean;
}

export const OPERATIONS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** `/healthz` (the process can go on by itself), `/readyz` (it can serve: the database answers), `/metrics` (Prometheus). */
export function operations(options: OperationsOptions): Middleware {
  async function answer(ctx: Context): Promise<void> {
    if (ctx.path === '/healthz') return reply(ctx, ...(await health(options)));
    if (ctx.path === '/readyz') return reply(ctx, ...(await readiness(options)));
    if (!mayReadMetrics(ctx.req, options.metricsToken)) {
      ctx.set('WWW-Authenticate', 'Bearer');
      return reply(ctx, 401, { status: 'unauthorized' });
    }
    ctx.type = 'text/plain; version=0.0.4';
    ctx.body = await options.metrics();
  }

  return (ctx, next) => {
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
    return isRead && OPERATIONS.has(ctx.path) ? answer(ctx) : next();
  };
}

function reply(ctx: Context, status: number, body: Record<string, unknown>): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = body;
}

async function health({ isDatabaseLost }: OperationsOptions): Promise<[number, Record<string, unknown>]> {
  return (await isDatabaseLost()) ? [503, { status: 'failed', database: 'lost' }] : [200, { status: 'ok' }];
}

async function readiness({ checkDatabase, isStopping }: OperationsOptions): Promise<[number, Record<string, unknown>]> {
  if (isStopping()) return [503, { status: 'stopping' }];
  try {
    await checkDatabase();
    return [200, { status: 'ready', database: 'ok' }];
  } catch {
    return [503, { status: 'unavailable', database: 'unreachable' }];
  }
}

// Without a token the request must come from this machine itself, and not from a proxy on it that serves the world.
function mayReadMetrics({ headers, socket }: IncomingMessage, token: string | undefined): boolean {
  if (token) return secretsEqual(headers.authorization ?? '', `Bearer ${token}`);
  if (headers['x-forwarded-for'] || headers.forwarded) return false;
  return ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.remoteAddress ?? '');
}
