import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onceForEach } from '../once-for-each.ts';
import type { PublicDocument, PublicDocuments } from './documents.ts';
import { faultOfHead } from './head-limits.ts';
import type { NoteRequest } from './log.ts';

export interface PreparedOptions {
  documents: PublicDocuments;
  /** The path of the issuer. */
  base: string;
  /** Those of every answer. */
  headers: Record<string, string>;
  isOwnHost(req: IncomingMessage): boolean;
  note: NoteRequest;
}

/** Answers a request before all else, or not at all. `addressOf` is where it comes from. */
export type AnswerFirst = (req: IncomingMessage, res: ServerResponse, addressOf: () => string) => boolean;

/**
 * Answers the plainest request for a document, with all of the answer prepared; nearly all are such. With a query, for another
 * origin, of another method, … it goes the way of all requests, which knows more and gives the same answer.
 */
export function answerPrepared(options: PreparedOptions): AnswerFirst {
  const { base, headers, isOwnHost, note } = options;
  const documents = new Map(Object.entries(options.documents).map(([path, current]) => [`${base}${path}`, current]));

  /** Names and values in turn, as Node takes them without looking at each. */
  const headersOf = onceForEach(({ type, content, isForAnyOrigin }: PublicDocument): string[] => {
    const shared = isForAnyOrigin ? { Vary: 'Origin', 'Access-Control-Allow-Origin': '*' } : {};
    const all = { ...headers, ...shared, 'Content-Type': type, 'Content-Length': String(content.length) };
    return Object.entries(all).flat();
  });

  return (req, res, addressOf) => {
    const url = req.url ?? '';
    const document = req.method === 'GET' ? documents.get(url)?.() : undefined;
    if (!document || !isPlain(req) || !isOwnHost(req)) return false;
    const started = performance.now();
    const requestId = randomUUID();
    res.writeHead(200, [...headersOf(document), 'X-Request-Id', requestId]).end(document.content);
    const ms = performance.now() - started;
    const path = url.slice(base.length);
    note({ requestId, method: 'GET', path, status: 200, ms, address: addressOf() });
    return true;
  };
}

/** Without a body, another origin, or a copy that may still be good. */
const isPlain = (req: IncomingMessage): boolean =>
  faultOfHead(req) === undefined && UNUSUAL.every((name) => req.headers[name] === undefined);

const UNUSUAL = ['origin', 'content-length', 'transfer-encoding', 'if-none-match', 'if-modified-since', 'expect'];
