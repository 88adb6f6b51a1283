import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Context } from 'koa';
import { READ_BYTES } from './head-limits.ts';
import { endSoon } from './unread.ts';

/** Why a request cannot be read; the code has a text on the error page. */
export interface Unreadable {
  status: number;
  code: string;
  detail: string;
}

type ParseError = NodeJS.ErrnoException & { rawPacket?: Buffer };

/** True unless the target of a request (RFC 9112, section 3.2) is a URL that cannot be parsed, at which Koa would fail. */
export const hasReadableTarget = ({ url = '' }: IncomingMessage): boolean =>
  url.startsWith('/') || url === '*' || URL.canParse(url);

const REASONS: Record<string, Unreadable> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    detail: `The URL and headers together must not exceed ${READ_BYTES} bytes.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'unreadable_request',
    detail: 'The request took too long to arrive.',
  },
};
const NO_REQUEST: Unreadable = {
  status: 400,
  code: 'unreadable_request',
  detail: 'This is not a valid HTTP/1.1 request.',
};

export interface AnswerUnreadableOptions {
  createContext(req: IncomingMessage, res: ServerResponse): Context;
  /** Answers on this context with a page; the headers that could be read are in it. */
  showUnreadable(ctx: Context, fault: Unreadable): Promise<void>;
}

/**
 * Answers what is no request that any handler could see, and ends the connection: with a page for browsers, as far as it can
 * be told that it is one, else with a problem document (RFC 9457).
 */
export function createAnswerUnreadable({ createContext, showUnreadable }: AnswerUnreadableOptions) {
  function answerUnreadable(error: ParseError, socket: Duplex): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    answer(socket, REASONS[error.code ?? ''] ?? NO_REQUEST, headOf(error.rawPacket));
  }

  /** For a request that Node could read, and nobody else can. */
  function answerUnusable({ headers, socket }: IncomingMessage): void {
    answer(socket, NO_REQUEST, { method: 'GET', url: '/', headers });
  }

  function answer(socket: Duplex, fault: Unreadable, head: object): void {
    const req = Object.assign(new IncomingMessage(new Socket()), head);
    const ctx = createContext(req, new ServerResponse(req));
    void describe(ctx, fault).then((text) => {
      if (socket.writable) endSoon(socket, text);
    });
  }

  async function describe(ctx: Context, fault: Unreadable): Promise<string> {
    const isPage = ctx.accepts('json', 'html') === 'html';
    // Whatever is wrong with the page, the client gets an answer.
    const isShown = isPage && (await showUnreadable(ctx, fault).then(isDone, isNotDone));
    return isShown ? toText(fault, headersOf(ctx), String(ctx.body)) : problemOf(fault);
  }

  return { answerUnreadable, answerUnusable };
}

const isDone = () => true;
const isNotDone = () => false;

/** What can be read of a request's head: from its beginning, or of a later part of it. Nobody trusts it with anything. */
function headOf(packet: Buffer | undefined): { method: string; url: string; headers: Record<string, string> } {
  const [head = ''] = (packet ?? Buffer.alloc(0)).toString('latin1').split(/\r?\n\r?\n/);
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const [, name, value = ''] = /^([\w-]{1,60}): *(.*)$/.exec(line) ?? [];
    if (name) headers[name.toLowerCase()] = value;
  }
  return { method: 'GET', url: '/', headers };
}

const headersOf = ({ response: { headers } }: Context) =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, String(each)]),
  );

function problemOf({ status, code, detail }: Unreadable): string {
  const problem = { type: 'about:blank', title: STATUS_CODES[status]!, status, detail, code };
  const headers: [string, string][] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ];
  return toText({ status }, headers, JSON.stringify(problem));
}

function toText({ status }: Pick<Unreadable, 'status'>, headers: [string, string][], body: string): string {
  const own = ['connection', 'content-length'];
  const lines = headers.filter(([name]) => !own.includes(name)).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]!}`, ...lines, 'connection: close'];
  return `${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
