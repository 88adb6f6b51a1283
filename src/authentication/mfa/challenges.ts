import { randomBytes } from 'node:crypto';
import type { Boxes } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';

/** What a challenge is for: a sign-in, or the making of a passkey; and the one sign-in or session that it was made for. */
export interface ChallengePurpose {
  ceremony: 'assertion' | 'registration';
  subject: string;
}

export interface ChallengeStore {
  /** True for the one caller that names it first. It is remembered until `forgetAt`. */
  use(hash: string, forgetAt: Date): Promise<boolean>;
}

export interface ChallengesOptions {
  store: ChallengeStore;
  boxes: Boxes;
  now: Clock;
  lifeSeconds: number;
}

export type Challenges = ReturnType<typeof createChallenges>;

/**
 * The challenges of WebAuthn (Level 3, section 13.4.3): random, valid for one answer, for a while, and for one sign-in
 * or session. All of that is encrypted inside the challenge, so that showing a page writes nothing; only the answer
 * does.
 */
export function createChallenges({ store, boxes, now, lifeSeconds }: ChallengesOptions) {
  function make(purpose: ChallengePurpose): Uint8Array<ArrayBuffer> {
    const content = { nonce: randomBytes(16).toString('base64url'), until: now().getTime() + lifeSeconds * 1000 };
    return new Uint8Array(boxes.sealBytes(nameOf(purpose), Buffer.from(JSON.stringify(content))));
  }

  /** Whether a challenge, base64url as it came back, was made for this and can still be answered. */
  function fits(purpose: ChallengePurpose, challenge: string): boolean {
    const until = untilOf(purpose, challenge);
    return until !== undefined && until > now().getTime();
  }

  /** Uses up one that fits; of fifty at once, one. */
  async function use(purpose: ChallengePurpose, challenge: string): Promise<boolean> {
    if (!fits(purpose, challenge)) return false;
    // The decoder takes other spellings of the same bytes too, so the bytes are what is remembered.
    const hash = sha256(Buffer.from(challenge, 'base64url').toString('base64url'));
    return store.use(hash, new Date(untilOf(purpose, challenge)!));
  }

  function untilOf(purpose: ChallengePurpose, challenge: string): number | undefined {
    try {
      const bytes = boxes.openBytes(nameOf(purpose), Buffer.from(challenge, 'base64url'));
      return (JSON.parse(bytes.toString()) as { until: number }).until;
    } catch {
      // Not one of ours, or made for something else.
      return undefined;
    }
  }

  return { make, fits, use };
}

const nameOf = ({ ceremony, subject }: ChallengePurpose) => `webauthn:${ceremony}:${subject}`;
