import { defineError } from '../errors.ts';
import type { Transact } from '../transaction.ts';
import { etagOf, toAnswer, type Answer } from './answer.ts';
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

/**
 * `If-Match` (RFC 9110, section 13.1.1) for whatever changes what a GET at the same address shows. Look and change are one
 * transaction, so that of fifty who read the same state one changes it.
 */
export function createPreconditions(endpoints: Endpoint[], { transact, isRequired }: PreconditionOptions) {
  const readerOf = (endpoint: Endpoint) => findReader(endpoint, endpoints);

  async function currentEtag(reader: Endpoint, { params, actor }: Input): Promise<string | undefined> {
    const query = reader.query.parse({}) as never;
    const { body } = toAnswer(reader, await reader.handle({ params, query, body: undefined, actor }));
    return typeof body === 'string' ? etagOf(body) : undefined;
  }

  /** `wanted` is the value of If-Match, empty without one. @throws PreconditionFailed, PreconditionRequired */
  async function guarded(
    wanted: string,
    endpoint: Endpoint,
    input: Input,
    perform: () => Promise<Answer>,
  ): Promise<Answer> {
    const reader = readerOf(endpoint);
    if (!reader) return perform();
    if (!wanted) {
      if (isRequired) throw PreconditionRequired();
      return perform();
    }
    return transact(async () => {
      const etag = await currentEtag(reader, input);
      if (!matches(wanted, etag)) throw PreconditionFailed();
      return perform();
    });
  }

  /** True for an answer that shows the thing itself, as the GET at its address would. */
  const showsItself = (endpoint: Endpoint) => endpoint.method === 'get' || readerOf(endpoint) !== undefined;

  return { guarded, showsItself };
}

/** The endpoint that shows what this one changes: the GET at the same address. */
export function findReader({ method, path }: Endpoint, endpoints: Endpoint[]): Endpoint | undefined {
  if (method !== 'patch' && method !== 'put' && method !== 'delete') return undefined;
  return endpoints.find((other) => other.method === 'get' && other.path === path && !other.produces);
}

function matches(wanted: string, etag: string | undefined): boolean {
  if (wanted.trim() === '*') return true;
  return wanted.split(',').some((tag) => tag.trim() === etag);
}
