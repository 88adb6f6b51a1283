import type { ErrorCode } from './error-code.ts';
/** What went wrong, in the terms of the caller. `http/problems.ts` alone turns a kind into a status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'method'
  | 'conflict'
  | 'precondition'
  | 'precondition_required'
  | 'unprocessable'
  | 'too_large'
  | 'uri_too_long'
  | 'headers_too_large'
  | 'unsupported'
  | 'limited'
  | 'misdirected'
  | 'unavailable';

/** One faulty field: where it is (a JSON pointer into the body, RFC 6901, or a parameter's name) and why. */
export interface Fault {
  pointer?: string;
  parameter?: string;
  detail: string;
  /** What a translation of the sentence is about; not in the reply. */
  values?: Record<string, string>;
}

export interface ErrorDetails {
  /** Said instead of the definition's own sentence. */
  detail?: string;
  faults?: Fault[];
  /** Seconds after which a limited caller may try again. */
  retryAfter?: number;
  /** The value of WWW-Authenticate (RFC 6750, section 3), for a caller whose token does not do. */
  challenge?: string;
  /** What is left of a quota, for a caller who has used it up. */
  rate?: { quota: number; windowSeconds: number; remaining: number; resetSeconds: number };
  cause?: unknown;
}

/** An error that a caller is meant to see. Anything else that is thrown is a defect and shown as a bare 500. */
export class CohortError extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly title: string;
  readonly faults: Fault[];
  readonly retryAfter: number | undefined;
  readonly challenge: string | undefined;
  readonly rate: ErrorDetails['rate'];

  constructor(kind: ErrorKind, code: ErrorCode, title: string, details: ErrorDetails = {}) {
    super(details.detail ?? title, { cause: details.cause });
    this.name = 'CohortError';
    this.kind = kind;
    this.code = code;
    this.title = title;
    this.faults = details.faults ?? [];
    this.retryAfter = details.retryAfter;
    this.challenge = details.challenge;
    this.rate = details.rate;
  }
}

/** Makes the error; also carries what the OpenAPI document and the tests need to know about it. */
export interface ErrorDefinition {
  (details?: ErrorDetails): CohortError;
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly title: string;
}

/**
 * Declares an error once: `export const GroupNameTaken = defineError('conflict', 'group_name_taken', 'A group …')`,
 * thrown as `throw GroupNameTaken()`.
 */
export function defineError(kind: ErrorKind, code: ErrorCode, title: string): ErrorDefinition {
  const make = (details?: ErrorDetails) => new CohortError(kind, code, title, details);
  return Object.assign(make, { kind, code, title });
}

/** True when `error` was made by `definition`. */
export function isError(error: unknown, definition: ErrorDefinition): error is CohortError {
  return error instanceof CohortError && error.code === definition.code;
}

export const InvalidInput = defineError('invalid', 'invalid_input', 'The request is not valid.');
