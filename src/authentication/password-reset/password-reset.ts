import { system, themselves } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { LinkUsedOrExpired, type Link, type LinkFlaw, type Links } from '../credentials/links.ts';
import type { RequestLimits } from '../credentials/password.ts';
import type { Arrival, Devices } from '../known-devices/known-devices.ts';
import type { Email } from '../../platform/mail/email.ts';
import { holds, markOf } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';

const LINK_MINUTES = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A password reset that was requested for an email, whether it has an account or not. */
export interface PasswordResetRequest {
  username: string;
  /** The IP address it came from. */
  address: string;
  askedAt: Date;
  /** A path of ours where they go on afterwards. */
  continueAt?: string | undefined;
  /** The language of the page that it was asked for on. */
  language?: string | undefined;
}

export interface PasswordResetRequestStore {
  put(request: PasswordResetRequest): Promise<void>;
  isEmpty(): Promise<boolean>;
  /** In a transaction: takes the oldest one away, for this caller alone. */
  take(): Promise<PasswordResetRequest | undefined>;
}

export interface PasswordResetOptions {
  requests: PasswordResetRequestStore;
  links: Links;
  limits: RequestLimits;
  credentials: Pick<Credentials, 'hash' | 'replace' | 'brokenRules'>;
  findByUsername(username: string): Promise<User | undefined>;
  findUser(id: string): Promise<User | undefined>;
  /** Sends a new invitation to a user who has no password yet. */
  inviteAgain(user: User): Promise<void>;
  remember: Devices['remember'];
  post(email: Email): Promise<void>;
  audit: Audit;
  transact: Transact;
  now: Clock;
  issuer: string;
}

export type PasswordReset = ReturnType<typeof createPasswordReset>;

/** Password reset: by a link that is emailed to the user. */
export function createPasswordReset(options: PasswordResetOptions) {
  const { requests, links, limits, credentials, findByUsername, findUser, inviteAgain, post } = options;
  const { remember, audit, transact, now, issuer } = options;

  /**
   * Stores the request and looks up no user, so that neither the response nor its time reveals whether there is an account.
   * @throws TooManyAttempts
   */
  async function ask(wish: Omit<PasswordResetRequest, 'askedAt'>): Promise<void> {
    await limits.count(wish.username, wish.address);
    await requests.put({ ...wish, askedAt: now() });
  }

  /** Processes stored requests: sends an email if there is an account, and nothing otherwise. */
  async function answerAll(stopping?: AbortSignal): Promise<void> {
    while (!stopping?.aborted && !(await requests.isEmpty())) await transact(answerNext);
  }

  async function answerNext(): Promise<void> {
    const request = await requests.take();
    if (!request) return;
    const user = await findByUsername(request.username);
    if (user?.status === 'active') await sendLink(user, request);
    if (user?.status === 'invited') await inviteAgain(user);
  }

  async function sendLink(user: User, { address, continueAt, language }: PasswordResetRequest): Promise<void> {
    const { id, username } = user;
    const life = { lifeMs: LINK_MINUTES * MINUTE_MS, rememberMs: DAY_MS };
    const secret = await links.make({
      purpose: 'recovery',
      subject: id,
      mark: markOf(user),
      by: username,
      continueAt,
      ...life,
    });
    const link = `${issuer}/recover/${secret}`;
    const model = { link, count: LINK_MINUTES };
    await post({ cause: link, to: username, view: 'recovery', model, language });
    // Anybody can have asked for it.
    await audit.record({ ...system, address }, 'user.password_reset_sent', { kind: 'user', id, name: username });
  }

  /** Whose password the link replaces, or what is wrong with it. */
  async function look(secret: string): Promise<{ username: string } | LinkFlaw> {
    const link = await links.look('recovery', secret);
    if (typeof link === 'string') return link;
    return (await ownerOf(link)) ?? 'revoked';
  }

  /** What ends the proofs of a user ends the links to the account too. */
  async function ownerOf({ subject, mark }: Link): Promise<User | undefined> {
    const user = await findUser(subject);
    return user?.status === 'active' && holds(mark, user) ? user : undefined;
  }

  /**
   * Uses the link up and puts the new password in the place of the old one, which ends every session and token. The password
   * was checked against the rules before. Their browser is a known one afterwards, so that nobody who goes on guessing keeps
   * them from signing in; `token` is what it has to keep for that.
   * @throws LinkUsedOrExpired
   */
  async function reset(
    secret: string,
    password: string,
    arrival: Arrival,
  ): Promise<{ token: string; continueAt?: string }> {
    const hash = await credentials.hash(password);
    const { user, continueAt } = await transact(async () => {
      const link = await links.use('recovery', secret);
      const { continueAt } = link;
      const user = await ownerOf(link);
      if (!user) throw LinkUsedOrExpired();
      const self = themselves(user, arrival.address);
      await audit.record(self, 'user.password_reset', { kind: 'user', id: user.id, name: user.username });
      await credentials.replace(self, user.id, { hash, temporary: false });
      return { user, ...(continueAt ? { continueAt } : {}) };
    });
    return { token: await remember(user, arrival), ...(continueAt ? { continueAt } : {}) };
  }

  return { ask, answerAll, look, reset, brokenRules: credentials.brokenRules };
}
