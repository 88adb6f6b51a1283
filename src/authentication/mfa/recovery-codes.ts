import { randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';

const CODES = 10;
/** Crockford's base32: no letter that is taken for a digit. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

export interface RecoveryCodeStore {
  /** In the place of those that were there. */
  replace(userId: string, hashes: string[], at: Date): Promise<void>;
  /** Takes one away, for the one caller that gets how many are left; undefined for everybody else. */
  use(userId: string, hash: string): Promise<number | undefined>;
}

export type RecoveryCodeBook = ReturnType<typeof createRecoveryCodes>;

/**
 * Codes on paper for who has lost everything else: 80 random bits each, so a plain SHA-256 of them keeps them; each works
 * once.
 */
export function createRecoveryCodes({ store, now }: { store: RecoveryCodeStore; now: Clock }) {
  /** Makes new ones; the old ones end. They are nowhere but in what this returns. */
  async function make(userId: string): Promise<string[]> {
    const codes = Array.from({ length: CODES }, randomCode);
    await store.replace(
      userId,
      codes.map((code) => hashOf(userId, code)),
      now(),
    );
    return codes;
  }

  /** How many are left after this one; undefined when it was none. Of fifty at once, one. */
  const use = (userId: string, code: string): Promise<number | undefined> => store.use(userId, hashOf(userId, code));

  return { make, use };
}

/** Such as `k3vd-08rz-mq4t-5hxe`. */
function randomCode(): string {
  const letters = [...randomBytes(LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return letters.match(/.{4}/g)!.join('-');
}

/** However it was typed: o for 0, i or l for 1, with or without dashes. */
function hashOf(userId: string, code: string): string {
  const plain = code
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1');
  return sha256(`${userId} ${plain}`);
}
