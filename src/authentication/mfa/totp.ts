import { Secret, TOTP } from 'otpauth';
import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import type { User } from '../../directory/users/user.ts';

/** RFC 4226, section 4, R6: the length that a shared secret should have. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** One step of 30 seconds to either side (RFC 6238, section 5.2). */
const WINDOW = 1;
const SETUP_MS = 3600_000;

export interface StoredTotp {
  encrypted: string;
  /** The step of the last code that was taken; neither it nor an older one is taken again. */
  lastStep: number;
}

export interface TotpStore {
  find(userId: string): Promise<StoredTotp | undefined>;
  /** False when there is one already. */
  insert(userId: string, totp: StoredTotp, at: Date): Promise<boolean>;
  /** True for the one caller that used this step up. */
  useStep(userId: string, step: number, at: Date): Promise<boolean>;
  reencrypt(userId: string, from: string, to: string): Promise<void>;
}

/** An authenticator app that is being set up. Nothing of it is stored until a code shows that the app has it. */
export interface TotpOffer {
  /** Carries the secret from the page to its form, encrypted for this user. */
  token: string;
  /** What is typed where no picture can be taken: base32, in groups of four. */
  secret: string;
  /** Key URI Format, as authenticator apps read it from the picture. */
  uri: string;
}

export interface TotpOptions {
  store: TotpStore;
  encryption: Encryption;
  /** Shown by the app beside the username. */
  issuer: string;
  now: Clock;
}

export type Totp = ReturnType<typeof createTotp>;

/** Codes from an authenticator app: six digits, a new one every 30 seconds (RFC 6238). Each is taken once. */
export function createTotp({ store, encryption, issuer, now }: TotpOptions) {
  function offer(user: User): TotpOffer {
    return toOffer(user, new Secret({ size: SECRET_BYTES }).base32);
  }

  /** The same offer again, for a form that was refused; undefined for a token that is not this user's, or too old. */
  function resume(user: User, token: string): TotpOffer | undefined {
    const secret = secretOf(user, token);
    return secret === undefined ? undefined : { ...toOffer(user, secret), token };
  }

  function toOffer(user: User, secret: string): TotpOffer {
    const content = JSON.stringify({ secret, until: now().getTime() + SETUP_MS });
    const uri = new TOTP({ issuer, label: user.username, secret, period: PERIOD_SECONDS }).toString();
    return {
      token: encryption.encrypt(offerPurpose(user), content),
      secret: secret.match(/.{1,4}/g)!.join(' '),
      uri,
    };
  }

  function secretOf(user: User, token: string): string | undefined {
    try {
      const content = JSON.parse(encryption.decrypt(offerPurpose(user), token)) as { secret: string; until: number };
      return content.until > now().getTime() ? content.secret : undefined;
    } catch {
      // A changed hidden field leads to a new offer.
      return undefined;
    }
  }

  /** Takes an offer up if the code is one of its. */
  async function accept(user: User, token: string, code: string): Promise<'accepted' | 'wrong' | 'there'> {
    const secret = secretOf(user, token);
    const step = secret === undefined ? undefined : stepOf(secret, code);
    if (secret === undefined || step === undefined) return 'wrong';
    const encrypted = encryption.encrypt(purpose(user.id), secret);
    return (await store.insert(user.id, { encrypted, lastStep: step }, now())) ? 'accepted' : 'there';
  }

  /** Uses a code up; of fifty at once, one. */
  async function use(userId: string, code: string): Promise<boolean> {
    const stored = await store.find(userId);
    if (!stored) return false;
    const secret = encryption.decrypt(purpose(userId), stored.encrypted);
    const step = stepOf(secret, code);
    if (step === undefined || !(await store.useStep(userId, step, now()))) return false;
    if (encryption.isStale(stored.encrypted))
      await store.reencrypt(userId, stored.encrypted, encryption.encrypt(purpose(userId), secret));
    return true;
  }

  function stepOf(secret: string, code: string): number | undefined {
    const timestamp = now().getTime();
    const delta = new TOTP({ secret, period: PERIOD_SECONDS }).validate({
      token: code.replace(/\s/g, ''),
      timestamp,
      window: WINDOW,
    });
    return delta === null ? undefined : TOTP.counter({ period: PERIOD_SECONDS, timestamp }) + delta;
  }

  return { offer, resume, accept, use };
}

const purpose = (userId: string) => `totp:${userId}`;
const offerPurpose = ({ id }: User) => `totp-offer:${id}`;
