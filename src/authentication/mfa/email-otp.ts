import { randomInt } from 'node:crypto';
import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import { secretsEqual, type NewId } from '../../platform/ids.ts';
import type { Email } from '../../platform/mail/email.ts';
import type { User } from '../../directory/users/user.ts';

const MINUTES = 10;
const TRIES = 5;

export interface StoredMailCode {
  encrypted: string;
  expiresAt: Date;
  triesLeft: number;
}

export interface MailCodeStore {
  /** In the place of the one that was there. */
  put(userId: string, code: StoredMailCode): Promise<void>;
  /** Counts a try before it is made; undefined when there is no code, or none that may be tried any more. */
  take(userId: string, at: Date): Promise<string | undefined>;
  /** True for the one caller that used it up. */
  use(userId: string, encrypted: string): Promise<boolean>;
}

export interface MailCodesOptions {
  store: MailCodeStore;
  encryption: Encryption;
  post(email: Email): Promise<void>;
  newId: NewId;
  now: Clock;
}

export type MailCodes = ReturnType<typeof createMailCodes>;

/** Six digits by email, for users without another factor. They only prove access to the mailbox. */
export function createMailCodes({ store, encryption, post, newId, now }: MailCodesOptions) {
  /** Sends a new code; the one before is worth nothing then. */
  async function send({ id, username }: User): Promise<void> {
    const code = randomInt(1_000_000).toString().padStart(6, '0');
    const expiresAt = new Date(now().getTime() + MINUTES * 60_000);
    await store.put(id, { encrypted: encryption.encrypt(purpose(id), code), expiresAt, triesLeft: TRIES });
    await post({ cause: `mail-code:${newId()}`, to: username, view: 'mail-code', model: { code, minutes: MINUTES } });
  }

  async function use(userId: string, code: string): Promise<boolean> {
    const encrypted = await store.take(userId, now());
    if (encrypted === undefined) return false;
    const isRight = secretsEqual(encryption.decrypt(purpose(userId), encrypted), code.replace(/\s/g, ''));
    return isRight && store.use(userId, encrypted);
  }

  return { send, use };
}

const purpose = (userId: string) => `mail-code:${userId}`;
