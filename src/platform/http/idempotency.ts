import { createHash } from 'node:crypto';
import { defineError, InvalidInput } from '../errors.ts';
import type { Answer } from './answer.ts';

export const KeyUsedOtherwise = defineError(
  'unprocessable',
  'idempotency_key_used_otherwise',
  'This Idempotency-Key was already used for a different request.',
);

/** One call that may be sent several times and must be done once. */
export interface RetriableCall {
  /** Whose key it is: two services may choose the same. */
  owner: string;
  key: string;
  /** Another one for another request. */
  fingerprint: string;
}

/** Remembers the answers to calls that carry an Idempotency-Key. */
export interface AnswerMemory {
  /**
   * Performs the call, or gives the answer that it had the first time. `asAnswer` dresses an error that will not go away
   * by itself; such an answer is remembered too. @throws KeyUsedOtherwise
   */
  once(
    call: RetriableCall,
    perform: () => Promise<Answer>,
    asAnswer: (error: unknown) => Answer | undefined,
  ): Promise<{ answer: Answer; isReplay: boolean }>;
}

/** The key of a header as the HTTP API working group's draft has it: a quoted string; a bare one will do. @throws InvalidInput */
export function parseKey(header: string): string {
  const [, quoted] = /^"([\x20\x21\x23-\x5B\x5D-\x7E]{1,255})"$/.exec(header) ?? [];
  const key = quoted ?? (/^[\x21\x23-\x7E]{1,255}$/.test(header) ? header : undefined);
  if (key !== undefined) return key;
  throw InvalidInput({
    faults: [{ parameter: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }],
  });
}

export function fingerprintOf(method: string, address: string, body: string): string {
  return createHash('sha256')
    .update(JSON.stringify([method, address, body]))
    .digest('base64url');
}
