import type { Clock } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { newSecret, sha256 } from '../../platform/ids.ts';
import type { ProofMark } from '../../directory/users/proof.ts';

/** What a link is good for; it opens nothing else. */
export type Purpose = 'recovery' | 'invitation' | 'registration';

/** A one-time link that was emailed to a user. The link itself is only in the email. */
export interface Link {
  purpose: Purpose;
  /** The id of the user or thing it was made for. */
  subject: string;
  /** The mark of the user that it is for, when it was made; absent for a user who is yet to be. */
  mark?: ProofMark;
  /** The name of who had it made. */
  by: string;
  madeAt: Date;
  expiresAt: Date;
  /** When its page was first shown. Mail scanners open links too, so this uses nothing up. */
  openedAt?: Date;
  usedAt?: Date;
  revokedAt?: Date;
  /** A path of ours where the user goes on afterwards. */
  continueAt?: string;
}

export type LinkState = 'open' | 'used' | 'revoked' | 'expired';

/** A link that cannot be used; `unknown` is not one of ours, or one that was forgotten. */
export type LinkFlaw = Exclude<LinkState, 'open'> | 'unknown';

export const LinkSpent = defineError('invalid', 'link_spent', 'This link is not valid or was already used.');

export interface LinkStore {
  /** Without `forgetAt` it is kept as long as its subject. */
  insert(id: string, link: Link, forgetAt?: Date): Promise<void>;
  find(purpose: Purpose, id: string): Promise<Link | undefined>;
  /** The one that was made last. */
  latest(purpose: Purpose, subject: string): Promise<Link | undefined>;
  /** True the first time. */
  noteOpened(purpose: Purpose, id: string, at: Date): Promise<boolean>;
  /** The link, for the one caller that used it up. */
  use(purpose: Purpose, id: string, at: Date): Promise<Link | undefined>;
  /** Whatever of these subjects was neither used nor revoked yet, expired or not; says how many. */
  revoke(purpose: Purpose, subjects: string[], at: Date): Promise<number>;
  removeOf(subject: string): Promise<void>;
}

export interface LinkOrder extends Pick<Link, 'purpose' | 'subject' | 'by' | 'mark'> {
  lifeMs: number;
  continueAt?: string | undefined;
  /** How long after its end it still gets a sentence of its own; for ever if absent. */
  rememberMs?: number;
}

export type Links = ReturnType<typeof createLinks>;

/** Links that work once: 256 random bits, of which only the SHA-256 is stored, for one purpose and one subject. */
export function createLinks({ store, now }: { store: LinkStore; now: Clock }) {
  /** Makes a link and returns its secret part, which nothing can tell again. */
  async function make({ lifeMs, rememberMs, continueAt, ...rest }: LinkOrder): Promise<string> {
    const secret = newSecret();
    const madeAt = now();
    const expiresAt = new Date(madeAt.getTime() + lifeMs);
    const forgetAt = rememberMs === undefined ? undefined : new Date(expiresAt.getTime() + rememberMs);
    await store.insert(sha256(secret), { ...rest, madeAt, expiresAt, ...(continueAt ? { continueAt } : {}) }, forgetAt);
    return secret;
  }

  /** The link as long as it can be used, else what is wrong with it. */
  async function look(purpose: Purpose, secret: string): Promise<Link | LinkFlaw> {
    const link = await store.find(purpose, sha256(secret));
    if (!link) return 'unknown';
    const state = stateOf(link);
    return state === 'open' ? link : state;
  }

  function stateOf({ usedAt, revokedAt, expiresAt }: Link): LinkState {
    if (usedAt) return 'used';
    if (revokedAt) return 'revoked';
    return expiresAt > now() ? 'open' : 'expired';
  }

  const noteOpened = (purpose: Purpose, secret: string) => store.noteOpened(purpose, sha256(secret), now());

  /** Whatever its state. */
  const findBySecret = (purpose: Purpose, secret: string) => store.find(purpose, sha256(secret));

  /** Uses it up; of fifty at once, one. @throws LinkSpent */
  async function use(purpose: Purpose, secret: string): Promise<Link> {
    const link = await store.use(purpose, sha256(secret), now());
    if (!link) throw LinkSpent();
    return link;
  }

  const revoke = (purpose: Purpose, ...subjects: string[]) => store.revoke(purpose, subjects, now());

  return {
    make,
    look,
    find: findBySecret,
    latest: store.latest,
    stateOf,
    noteOpened,
    use,
    revoke,
    removeOf: store.removeOf,
  };
}
