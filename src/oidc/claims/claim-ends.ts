import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimRequest, ClaimSource } from '../../directory/module.ts';

/** What a token says, as far as its end depends on it. */
export interface Carried {
  /** Where the application reads its claims with it: a refresh token leads to all of them. */
  uses: readonly ClaimUse[];
  isGranted(source: Pick<ClaimSource, 'scope' | 'claims'>): boolean;
}

/** When the claims of a user end that an application may know of, and the user's access to it. */
export interface ClaimEnds {
  /** Unix milliseconds; Infinity for never. */
  endOf(carried: Carried): number;
  /** Of the ID token whose claims were read last. */
  ofIdToken: number;
}

export const noEnds = (): ClaimEnds => ({ endOf: () => Infinity, ofIdToken: Infinity });

/**
 * Read in advance from all sources under the application's claim policy, so that each token can be asked about synchronously.
 * Nothing is valid after `accessEnd` (Unix milliseconds), whatever it says.
 */
export async function endsOfClaims(
  sources: ClaimSource[],
  request: ClaimRequest,
  accessEnd: number,
): Promise<ClaimEnds> {
  const { tokens } = request.application.claimPolicy;
  const ends = await Promise.all(
    sources.map(async (source) => ({ source, end: (await source.endsAt?.(request)) ?? Infinity })),
  );
  return {
    ofIdToken: accessEnd,
    endOf({ uses, isGranted }) {
      if (!uses.some((use) => tokens.includes(use))) return accessEnd;
      return Math.min(accessEnd, ...ends.filter(({ source }) => isGranted(source)).map(({ end }) => end));
    },
  };
}
