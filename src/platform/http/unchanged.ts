import { withBasis, type Basis } from '../basis.ts';
import { putLatest } from '../recent.ts';
import type { Answer } from './answer.ts';
import type { Endpoint, EndpointInput } from './endpoint.ts';
import { matches, type Conditions } from './preconditions.ts';

type Input = EndpointInput<never, never, never>;

/** The replies of so many addresses are known, those that were asked for last. */
const MOST = 10_000;

interface Known {
  etag: string;
  holds: Basis;
}

/**
 * Tells who has a reply already that it is still the same (RFC 9110, section 13.1.2), without making it again: as long as all
 * that it was made from is what memory holds, which is at most a second behind what other nodes change (`basis.ts`).
 */
export function createUnchangedReplies() {
  const known = new Map<string, Known>();

  /** What `make` gives, or 304. A reload (RFC 9111, section 5.2.1.4) is compared with the reply of the moment in any case. */
  async function unlessUnchanged(
    { ifNoneMatch, isReload }: Pick<Conditions, 'ifNoneMatch' | 'isReload'>,
    { path, restsOn }: Endpoint,
    input: Input,
    make: () => Promise<Answer>,
  ): Promise<Answer> {
    if (!restsOn || !ifNoneMatch || isReload) return make();
    const key = `${path} ${JSON.stringify(input.params)}`;
    const last = known.get(key);
    if (last?.holds() && matches(ifNoneMatch, last.etag)) return { status: 304, headers: { ETag: last.etag } };
    known.delete(key);
    // Before the reply: what changes while it is made is noticed.
    const holds = await withBasis(async () => void (await restsOn(input)));
    const answer = await make();
    const { ETag: etag } = answer.headers;
    if (holds && etag) putLatest(known, MOST, key, { etag, holds });
    return answer;
  }

  return { unlessUnchanged };
}
