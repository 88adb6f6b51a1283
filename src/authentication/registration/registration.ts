import { system, themselves } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { LinkUsedOrExpired, type LinkFlaw, type Links } from '../credentials/links.ts';
import type { RequestLimits } from '../credentials/password.ts';
import type { Email } from '../../platform/mail/email.ts';
import type { User } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';

const DAY_MS = 24 * 3600 * 1000;

/** A sign-up that has not been confirmed yet; there is no account before that. */
export interface PendingRegistration {
  id: Id;
  username: string;
  firstName: string;
  lastName: string;
  passwordHash: string;
  /** The terms that they agreed to. */
  terms?: string | undefined;
  /** A path of ours where they go on afterwards. */
  continueAt?: string | undefined;
  /** The language of the page that they filled in; it becomes that of their profile. */
  language?: string | undefined;
  askedAt: Date;
  expiresAt: Date;
}

export interface RegistrationStore {
  insert(pending: PendingRegistration): Promise<void>;
  hasUnanswered(): Promise<boolean>;
  /** In a transaction: the oldest one that got no email yet; from now on it counts as answered. */
  takeUnanswered(): Promise<PendingRegistration | undefined>;
  find(id: Id, now: Date): Promise<PendingRegistration | undefined>;
  /** All of an address; returns their ids. */
  removeOfAddress(username: string): Promise<Id[]>;
  remove(id: Id): Promise<void>;
}

/** The URL of the terms that a user accepted, and when. */
export interface TermsAgreement {
  terms: string;
  agreedAt: Date;
}

/** Who agreed to which terms. */
export interface TermsStore {
  put(userId: Id, agreement: TermsAgreement): Promise<void>;
  find(userId: Id): Promise<TermsAgreement | undefined>;
  removeOf(userId: Id): Promise<void>;
}

export interface RegistrationOptions {
  store: RegistrationStore;
  terms: TermsStore;
  links: Links;
  limits: RequestLimits;
  users: Pick<Users, 'create'>;
  credentials: Pick<Credentials, 'hash' | 'matches' | 'brokenRules'>;
  findByUsername(username: string): Promise<User | undefined>;
  /** Sends a new invitation to a user who has no password yet. */
  inviteAgain(user: User): Promise<void>;
  post(email: Email): Promise<void>;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  issuer: string;
}

export type Registration = ReturnType<typeof createRegistration>;

/** What a user enters. The password has already been checked against the rules. */
export interface Application extends Pick<
  PendingRegistration,
  'username' | 'firstName' | 'lastName' | 'terms' | 'continueAt' | 'language'
> {
  password: string;
  /** The IP address they are at. */
  address: string;
}

/** Self-registration, by an email that the user can confirm. */
export function createRegistration(options: RegistrationOptions) {
  const { store, terms, links, limits, users, credentials, findByUsername, inviteAgain, post } = options;
  const { audit, transact, newId, now, issuer } = options;

  /**
   * Remembers what was filled in and looks nobody up, so that no answer and no time tells whether the address has an account
   * already.
   * @throws TooManyAttempts
   */
  async function ask({ password, address, ...said }: Application): Promise<void> {
    await limits.count(said.username, address);
    const passwordHash = await credentials.hash(password);
    const askedAt = now();
    const expiresAt = new Date(askedAt.getTime() + DAY_MS);
    await store.insert({ ...said, id: newId(), passwordHash, askedAt, expiresAt });
  }

  /** Sends an email for every stored sign-up, whether there is an account or not. */
  async function answerAll(stopping?: AbortSignal): Promise<void> {
    while (!stopping?.aborted && (await store.hasUnanswered())) await transact(answerNext);
  }

  async function answerNext(): Promise<void> {
    const pending = await store.takeUnanswered();
    if (!pending) return;
    const user = await findByUsername(pending.username);
    if (!user) return sendLink(pending);
    await store.remove(pending.id);
    if (user.status === 'invited') return inviteAgain(user);
    const email = { view: 'registration-known', model: { link: `${issuer}/recover` }, language: pending.language };
    await post({ cause: `registration:${pending.id}`, to: user.username, ...email });
  }

  async function sendLink({ id, username, continueAt, language, expiresAt }: PendingRegistration): Promise<void> {
    const life = { lifeMs: expiresAt.getTime() - now().getTime(), rememberMs: 7 * DAY_MS };
    const secret = await links.make({ purpose: 'registration', subject: id, by: username, continueAt, ...life });
    // It contains no entered text but the email, since anyone can have it sent to anyone.
    const link = `${issuer}/register/${secret}`;
    await post({ cause: link, to: username, view: 'registration', model: { link }, language });
  }

  /** Whose account the link confirms, or what is wrong with it. */
  async function look(secret: string): Promise<{ username: string } | LinkFlaw> {
    const link = await links.look('registration', secret);
    return typeof link === 'string' ? link : ((await store.find(link.subject, now())) ?? 'expired');
  }

  /**
   * Uses the link and creates the account; other sign-ups with the same email end. It requires the password too:
   * otherwise, an attacker could have the owner of an email confirm an account whose password the attacker knows.
   * False for a wrong one.
   * @throws LinkUsedOrExpired, UsernameTaken, TooManyAttempts
   */
  async function confirm(secret: string, password: string, address: string): Promise<false | { continueAt?: string }> {
    const link = await links.look('registration', secret);
    if (typeof link === 'string') throw LinkUsedOrExpired();
    const pending = await store.find(link.subject, now());
    if (!pending) throw LinkUsedOrExpired();
    await limits.count(secret, address);
    if (!(await credentials.matches(pending.passwordHash, password))) return false;
    await transact(async () => {
      await links.use('registration', secret);
      await create(pending, address);
    });
    return link.continueAt ? { continueAt: link.continueAt } : {};
  }

  async function create(pending: PendingRegistration, address: string): Promise<void> {
    const { username, firstName: first_name, lastName: last_name, passwordHash: hash } = pending;
    const { language: locale } = pending;
    const newUser = { username, first_name, last_name, locale, kind: 'customer', custom_data: {} } as const;
    const user = await users.create({ ...system, address }, newUser, { hash, temporary: false });
    const others = await store.removeOfAddress(username);
    await links.revoke('registration', ...others);
    if (pending.terms) await terms.put(user.id, { terms: pending.terms, agreedAt: pending.askedAt });
    const target = { kind: 'user', id: user.id, name: username };
    const details = pending.terms ? { terms: pending.terms } : {};
    await audit.record(themselves(user, address), 'user.registered', target, details);
  }

  return { ask, answerAll, look, confirm, brokenRules: credentials.brokenRules };
}
