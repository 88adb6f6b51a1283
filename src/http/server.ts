import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Middleware } from 'koa';
import { refuseUnreadable } from './unreadable.ts';
import { startDeadline } from './deadline.ts';
import type { Log } from './log.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** The whole of the longest upload; every other body has a much earlier deadline of its own. */
const REQUEST_TIMEOUT_MS = 3600_000;
const HEADER_BYTES = 8 * 1024;

export interface HttpOptions {
  /** In the order in which a request passes them. */
  middleware: Middleware[];
  /** How many proxies in front are trusted for X-Forwarded-For and -Proto. */
  trustedProxies: number;
  /** Where this server is reached by others; every address it makes is made from this and not from a Host header. */
  origin: string;
  log: Log;
}

/** One HTTP server: the chain of middleware on a socket, with the limits that keep slow and oversized requests out. */
export function createHttp({ middleware, trustedProxies, origin, log }: HttpOptions) {
  const koa = new Koa({ proxy: trustedProxies > 0, maxIpsCount: trustedProxies });
  koa.silent = true;
  const { host, protocol } = new URL(origin);
  Object.defineProperty(koa.request, 'host', { get: () => host });
  Object.defineProperty(koa.request, 'protocol', { get: () => protocol.slice(0, -1) });
  koa.on('error', (error: unknown) => log.error({ err: error }, 'a request failed'));
  for (const step of middleware) koa.use(step);
  const answer = koa.callback();
  let closing = false;

  const server: Server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: HEADER_BYTES,
      keepAliveTimeout: 65_000,
    },
    (req, res) => {
      // What is in flight when the server stops is answered, and its connection not kept for another request.
      if (closing) res.setHeader('Connection', 'close');
      startDeadline(req);
      void answer(req, res);
    },
  );

  server.on('clientError', refuseUnreadable);

  return {
    server,

    /** Begins to listen and returns the port. */
    listen(port: number, host: string): Promise<number> {
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      });
    },

    /** Takes no new connection, lets requests in flight finish for at most `graceMs`, then cuts what is left. */
    close(graceMs: number): Promise<void> {
      closing = true;
      return new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      });
    },
  };
}
