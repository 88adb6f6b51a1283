import type { Context } from 'koa';
import { STATUS_CODES } from 'node:http';
import { CohortError, defineError, type ErrorKind, type Fault } from '../errors.ts';
import { isDatabaseAway } from '../db/away.ts';

/** The one table from what went wrong to what HTTP calls it. */
export const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  method: 405,
  conflict: 409,
  precondition: 412,
  precondition_required: 428,
  too_large: 413,
  uri_too_long: 414,
  unsupported: 415,
  unprocessable: 422,
  limited: 429,
  headers_too_large: 431,
  misdirected: 421,
  unavailable: 503,
};

export const BrokenJson = defineError('invalid', 'broken_json', 'The body is not valid JSON.');
export const BodyTooLarge = defineError('too_large', 'body_too_large', 'The body is too large.');
export const WrongContentType = defineError(
  'unsupported',
  'wrong_content_type',
  'The body must be sent as application/json.',
);
export const BrokenCoding = defineError(
  'invalid',
  'broken_coding',
  'The body is not compressed as Content-Encoding says, or is incomplete.',
);
export const RouteNotFound = defineError('missing', 'route_not_found', 'There is nothing at this URL.');
export const NoSuchMethod = defineError('method', 'no_such_method', 'This URL does not support the method.');
export const Unavailable = defineError('unavailable', 'unavailable', 'The database cannot be reached. Try again soon.');
export const CrossOrigin = defineError(
  'forbidden',
  'cross_origin',
  'The form was sent from another site. Nothing was changed.',
);

/** When to retry after the database could not be reached: a new primary is elected by then. */
export const UNAVAILABLE_SECONDS = 5;

/** RFC 9457: a problem document, with a JSON pointer (RFC 6901) or the parameter's name for each fault. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}

/** Dresses an error as a problem document. What is not a CohortError is a bare 500; its cause is for the log alone. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known = asCohortError(error);
  const trace = requestId ? { request_id: requestId } : {};
  if (!known) {
    const detail = 'Internal error. The log contains the cause.';
    return { type: 'about:blank', title: 'Internal Server Error', status: 500, detail, code: 'internal', ...trace };
  }
  return {
    type: `urn:cohort:problem:${known.code}`,
    title: known.title,
    status: statusOf[known.kind],
    detail: known.message,
    code: known.code,
    ...trace,
    ...(known.faults.length > 0 ? { errors: known.faults.map(toReply) } : {}),
  };
}

const toReply = ({ pointer, parameter, detail }: Fault): Fault => ({
  ...(pointer === undefined ? {} : { pointer }),
  ...(parameter === undefined ? {} : { parameter }),
  detail,
});

/** The error that a caller is meant to see, also for what the libraries below us throw; undefined for a defect. */
export function asCohortError(error: unknown): CohortError | undefined {
  if (error instanceof CohortError) return error;
  if (isDatabaseAway(error)) return Unavailable({ cause: error, retryAfter: UNAVAILABLE_SECONDS });
  return undefined;
}

export function sendProblem(ctx: Context, problem: Problem, retryAfter?: number): void {
  ctx.status = problem.status;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  ctx.type = 'application/problem+json';
  ctx.body = JSON.stringify(problem);
}

/** The words of a status for a page that has nothing better to say. */
export function statusText(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}
