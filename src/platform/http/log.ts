import { pino, type DestinationStream, type Logger } from 'pino';
import type { Middleware } from 'koa';
import { randomUUID } from 'node:crypto';
import { redactPath, redactText } from './redaction.ts';
import { standardOutput } from './standard-output.ts';

export type Log = Logger;

/** Names under which secrets travel; their values never reach a log line. */
const SECRETS = [
  'password',
  'client_secret',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'code',
  'code_verifier',
  'authorization',
  'cookie',
  'set-cookie',
];

export interface LogOptions {
  /** Which of several processes writes the line. */
  worker?: number;
  destination?: DestinationStream;
}

/** Structured log lines (JSON), on standard output unless told otherwise. */
export function createLog(level: string, { worker, destination = standardOutput }: LogOptions = {}): Log {
  const paths = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  return pino(
    {
      level,
      base: worker === undefined ? {} : { worker },
      timestamp: createTimestamps(),
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      redact: { paths, censor: '[redacted]' },
    },
    destination,
  );
}

/** The field `time` in ISO 8601, made once for the lines of a millisecond. */
function createTimestamps(): () => string {
  let lastMs = 0;
  let field = '';
  return () => {
    const ms = Date.now();
    if (ms !== lastMs) {
      lastMs = ms;
      field = `,"time":"${new Date(ms).toISOString()}"`;
    }
    return field;
  };
}

/** A request that was answered. */
export interface AnsweredRequest {
  requestId: string;
  method: string;
  /** Without the query: it can hold codes and tokens. */
  path: string;
  status: number;
  ms: number;
  address: string;
}

export type NoteRequest = (request: AnsweredRequest) => void;

/** Writes one line for each request. */
export function requestNotes(log: Log): NoteRequest {
  // Its fields are fixed and hold no secret, so no line is searched for one: 3 µs instead of 50.
  const lines = log.child({}, { redact: [] });
  return ({ requestId, method, path, status, ms, address }) =>
    lines.info(
      { request_id: requestId, method, path: redactPath(path), status, ms: Math.round(ms * 10) / 10, address },
      'request',
    );
}

/** Gives each request an id, and notes it when it is answered. */
export function requestLog(note: NoteRequest): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    ctx.state['requestId'] = requestId;
    ctx.set('X-Request-Id', requestId);
    try {
      await next();
    } finally {
      const { method, path, status, ip: address } = ctx;
      note({ requestId, method, path, status, ms: performance.now() - started, address });
    }
  };
}

/** What is kept of an error besides its text. Others, such as the documents of a write that failed, contain users' data. */
const KEPT = ['code', 'codeName', 'status', 'error', 'error_description', 'error_detail', 'address', 'syscall'];

function serializeError(error: unknown): unknown {
  const { type, message, stack, ...others } = pino.stdSerializers.err(error as Error) as Record<string, unknown>;
  if (typeof message !== 'string') return error;
  const kept = Object.entries(others).filter(([name]) => KEPT.includes(name));
  return { type, message: redactText(message), stack: redactText(String(stack)), ...Object.fromEntries(kept) };
}
