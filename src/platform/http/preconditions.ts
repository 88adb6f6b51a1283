import { defineError } from '../errors.ts';
import type { Transact } from '../transaction.ts';
import { etagOf, toAnswer, withoutPage, type Answer } from './answer.ts';
import type { Endpoint, EndpointInput } from './endpoint.ts';

export const PreconditionFailed = defineError(
  'precondition',
  'precondition_failed',
  'It was changed after you read it. Read it again and retry.',
);
export const PreconditionRequired = defineError(
  'precondition_required',
  'precondition_required',
  'This request requires If-Match with the ETag that you read.',
);

type Input = EndpointInput<never, never, never>;

export interface PreconditionOptions {
  transact: Transact;
  /** Whether a change without If-Match is refused (RFC 6585, section 3). */
  isRequired: boolean;
}

/** The headers of a conditional request; empty without one. */
export interface Conditions {
  ifMatch: string;
  ifNoneMatch?: string | undefined;
  /** The sender wants nothing that is remembered. */
  isReload?: boolean;
}

/**
 * `If-Match` and `If-None-Match` (RFC 9110, section 13.1) for whatever changes what a GET at the same address shows. Look and
 * change are one transaction, so that of fifty who read the same state one changes it.
 */
export function createPreconditions(endpoints: Endpoint[], { transact, isRequired }: PreconditionOptions) {
  const readerOf = (endpoint: Endpoint) => findReader(endpoint, endpoints);

  async function currentText(reader: Endpoint, { params, actor }: Input): Promise<string | undefined> {
    const query = reader.query.parse({}) as never;
    const { body } = toAnswer(reader, await reader.handle({ params, query, body: undefined, actor }));
    return typeof body === 'string' ? body : undefined;
  }

  /** What the GET at the address of this endpoint shows now, of one thing. */
  async function currentResult(endpoint: Endpoint, input: Input): Promise<Record<string, unknown>> {
    const reader = readerOf(endpoint);
    const text = reader && (await currentText(reader, input));
    // A cast, because the reader's own shape made it.
    const { result } = (text ? JSON.parse(text) : {}) as { result?: Record<string, unknown> };
    return result ?? {};
  }

  /** @throws PreconditionFailed, PreconditionRequired */
  async function guarded(
    { ifMatch, ifNoneMatch = '' }: Conditions,
    endpoint: Endpoint,
    input: Input,
    perform: () => Promise<Answer>,
  ): Promise<Answer> {
    const reader = readerOf(endpoint);
    if (!reader) return perform();
    if (!ifMatch && isRequired) throw PreconditionRequired();
    if (!ifMatch && !ifNoneMatch) return perform();
    return transact(async () => {
      const text = await currentText(reader, input);
      const etag = text === undefined ? undefined : etagOf(text, await reader.state?.(input));
      // Whichever page of a list was read, the list is what is changed.
      const compared = reader.state ? withoutPage : asItIs;
      if (ifMatch && !matches(ifMatch, etag, compared)) throw PreconditionFailed();
      if (ifNoneMatch && matches(ifNoneMatch, etag, compared)) throw PreconditionFailed();
      return perform();
    });
  }

  /** The ETag of an answer that shows the thing itself, as the GET at its address would. */
  async function etagFor(endpoint: Endpoint, input: Input, body: string): Promise<string | undefined> {
    const reader = endpoint.method === 'get' ? endpoint : readerOf(endpoint);
    return reader && etagOf(body, await reader.state?.(input));
  }

  return { guarded, etagFor, currentResult };
}

/** The endpoint that shows what this one changes: the GET at the same address. */
export function findReader({ method, path }: Endpoint, endpoints: Endpoint[]): Endpoint | undefined {
  if (method !== 'patch' && method !== 'put' && method !== 'delete') return undefined;
  return endpoints.find((other) => other.method === 'get' && other.path === path && !other.produces);
}

const asItIs = (tag: string) => tag;

/**
 * A list of ETags or `*`. If-Match compares strongly (RFC 9110, section 8.8.3.2), but proxies that compress make a strong ETag
 * weak (nginx) or add to it (Apache's mod_deflate); it names the same state, whose bytes are the same before they compress it.
 */
export function matches(wanted: string, etag: string | undefined, compared = asItIs): boolean {
  if (wanted.trim() === '*') return true;
  const tags = wanted.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const forms = tags.flatMap((tag) => [tag, tag.replace(/-(gzip|br|deflate)"$/, '"')]);
  return etag !== undefined && forms.some((tag) => compared(tag) === compared(etag));
}
