import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context, type Middleware } from 'koa';
import { READ_BYTES } from './head-limits.ts';
import { createInFlight } from './in-flight.ts';
import type { Log } from './log.ts';
import type { AnswerFirst } from './prepared.ts';
import { closeUnread } from './unread.ts';
import { spareStacks } from './unthrown-errors.ts';
import { createAnswerUnreadable, hasReadableTarget, type Unreadable } from './unreadable.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for connections that have run out of time; by default twice a minute. */
const CHECKED_EVERY_MS = 1000;
/** The whole of the longest upload; every other body has a much earlier deadline of its own. */
const REQUEST_TIMEOUT_MS = 3600_000;

export interface HttpOptions {
  /** In the order in which a request passes them. */
  middleware: Middleware[];
  /** How many proxies in front are trusted for X-Forwarded-For and -Proto. */
  trustedProxies: number;
  /** Where this server is reached by others; every address it makes is made from this and not from a Host header. */
  issuer: string;
  /** Answers what needs no more than is prepared. */
  answerFirst?: AnswerFirst;
  /** Shows a browser why its request could not be read. */
  showUnreadable(ctx: Context, fault: Unreadable): Promise<void>;
  log: Log;
}

/** What answers on a socket: requests, and what is none. */
interface Answers {
  answer: RequestListener;
  answerUnreadable: ReturnType<typeof createAnswerUnreadable>['answerUnreadable'];
}

/** One HTTP server: the chain of middleware on a socket, with the limits that keep slow and oversized requests out. */
export function createHttp(options: HttpOptions) {
  const { middleware, trustedProxies, issuer, answerFirst = () => false, showUnreadable, log } = options;
  const koa = new Koa({ proxy: trustedProxies > 0, maxIpsCount: trustedProxies });
  koa.silent = true;
  const { host, protocol } = new URL(issuer);
  Object.defineProperty(koa.request, 'host', { get: () => host });
  Object.defineProperty(koa.request, 'protocol', { get: () => protocol.slice(0, -1) });
  spareStacks(koa.context);
  koa.on('error', (error: unknown) => log.error({ err: error }, 'unhandled error in request'));
  for (const step of [closeUnread, ...middleware]) koa.use(step);
  const handle = koa.callback();
  const inFlight = createInFlight();
  let closing = false;
  let isHandedOver = false;

  const answer: RequestListener = (req, res) => {
    if (!hasReadableTarget(req)) return answerUnusable(req);
    // What is in flight when the server stops is answered, and its connection not kept for another request.
    if (closing) res.setHeader('Connection', 'close');
    inFlight.add(res);
    if (answerFirst(req, res, () => koa.createContext(req, res).ip)) return;
    void handle(req, res);
  };

  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECKED_EVERY_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxHeaderSize: READ_BYTES,
    keepAliveTimeout: 65_000,
  };
  const { answerUnreadable, answerUnusable } = createAnswerUnreadable({
    createContext: (req, res) => koa.createContext(req, res),
    showUnreadable,
  });
  const answers: Answers = { answer, answerUnreadable };
  let server = createServer(limits, answer).on('clientError', answerUnreadable);

  return {
    get server() {
      return server;
    },

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

    /** Answers from now on what comes in where another chain listens. That one answers what it has begun. */
    takeOver(previous: { handOver(next: Answers): Server }): void {
      server = previous.handOver(answers);
    },

    handOver(next: Answers): Server {
      isHandedOver = true;
      server.off('request', answer).on('request', next.answer);
      return server.off('clientError', answerUnreadable).on('clientError', next.answerUnreadable);
    },

    /**
     * Takes no new connection, lets requests in flight finish for at most `graceMs`, then cuts what is left. A chain whose
     * socket another has taken over only waits for what it has begun.
     */
    close(graceMs: number): Promise<void> {
      closing = true;
      if (isHandedOver) return inFlight.end(graceMs);
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
