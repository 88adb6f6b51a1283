import { system, themselves, type Actor } from '../../platform/actor.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { LinkUsedOrExpired, type Link, type LinkFlaw, type Links } from '../credentials/links.ts';
import type { RequestLimits } from '../credentials/password.ts';
import type { Email } from '../../platform/mail/email.ts';
import type { CreationOutcome, WantedUser } from '../../directory/users/creation.ts';
import { holds, markOf } from '../../directory/users/proof.ts';
import type { NewUser, User, UserChange } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';
import { InvitationNotFound, InvitationClosed, NotInvitable, toInvitation, type Invitation } from './invitation.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface InvitationsOptions {
  links: Links;
  limits: RequestLimits;
  users: Pick<Users, 'create' | 'createMany' | 'get' | 'update'>;
  credentials: Pick<Credentials, 'hash' | 'setFirst' | 'brokenRules'>;
  findUser(id: string): Promise<User | undefined>;
  /** The names of the groups that a user is in. */
  namesOfGroups(user: User): Promise<string[]>;
  post(email: Email): Promise<void>;
  audit: Audit;
  transact: Transact;
  issuer: string;
  /** How long an invitation can be accepted. */
  days: number;
}

/** What the page of an invitation shows. */
export interface Welcome {
  user: User;
  by: string;
  groups: string[];
}

/** What a user enters on acceptance. The password has already been checked against the rules. */
export interface Acceptance {
  names: Pick<UserChange, 'first_name' | 'last_name'>;
  password: string;
  /** The IP address they are at. */
  address: string;
}

export type Invitations = ReturnType<typeof createInvitations>;

/** How users created by an administrator set their first password: with a link that is emailed to them. */
export function createInvitations(options: InvitationsOptions) {
  const { links, limits, users, credentials, findUser, namesOfGroups, post, audit, transact, issuer, days } = options;

  /** Creates a user and invites them, both or neither. @throws UsernameTaken, UnknownGroup, OnlyCustomersInGroups */
  async function createInvited(actor: Actor, newUser: NewUser): Promise<User> {
    return transact(async () => {
      const user = await users.create(actor, newUser);
      await post(await writeEmail(actor, user));
      return user;
    });
  }

  /**
   * Creates many and invites those of them who are to be, all in one transaction.
   * @throws UnknownGroup, OnlyCustomersInGroups
   */
  async function createMany(actor: Actor, wanted: WantedUser[]): Promise<CreationOutcome[]> {
    return transact(async () => {
      const outcomes = await users.createMany(actor, wanted);
      for (const [index, made] of outcomes.entries()) {
        if (made.outcome !== 'created' || !wanted[index]!.isInvited) continue;
        await post({ ...(await writeEmail(actor, made.user)), isBulk: true });
      }
      return outcomes;
    });
  }

  /** Invites a user. Older links stop working. @throws UserNotFound, NotInvitable */
  async function send(actor: Actor, userId: string): Promise<Invitation> {
    return transact(async () => {
      const user = await users.get(userId);
      if (user.status !== 'invited') throw NotInvitable();
      await post(await writeEmail(actor, user));
      return get(userId);
    });
  }

  /** Creates the link and its email, and records who sent it. */
  async function writeEmail(actor: Actor, user: User, by = actor.name): Promise<Email> {
    const { id, username } = user;
    await links.revoke('invitation', id);
    const lifeMs = days * DAY_MS;
    const secret = await links.make({ purpose: 'invitation', subject: id, mark: markOf(user), by, lifeMs });
    await audit.record(actor, 'user.invited', { kind: 'user', id, name: username });
    const link = `${issuer}/invitation/${secret}`;
    return { cause: link, to: username, view: 'invitation', model: { link, by, count: days } };
  }

  /**
   * A new email for a user who was invited and lost the old one. Nothing for other users:
   * that is for an administrator to decide.
   */
  async function sendAgain(user: User): Promise<void> {
    await transact(async () => {
      const latest = await links.latest('invitation', user.id);
      if (user.status !== 'invited' || !latest || latest.revokedAt) return;
      await post(await writeEmail(system, user, latest.by));
    });
  }

  /** The same for who opens a link that has expired. @throws LinkUsedOrExpired, TooManyAttempts */
  async function renew(secret: string, address: string): Promise<{ username: string }> {
    const link = await links.find('invitation', secret);
    const user = link && (await findUser(link.subject));
    if (!user || links.stateOf(link) !== 'expired') throw LinkUsedOrExpired();
    await limits.count(user.username, address);
    await sendAgain(user);
    return user;
  }

  /** The newest invitation of a user. @throws UserNotFound, InvitationNotFound */
  async function get(userId: string): Promise<Invitation> {
    const user = await users.get(userId);
    const latest = await links.latest('invitation', userId);
    if (!latest) throw InvitationNotFound();
    const state = links.stateOf(latest);
    return toInvitation(latest, state === 'open' && !holds(latest.mark, user) ? 'revoked' : state);
  }

  /** @throws UserNotFound, InvitationNotFound, InvitationClosed */
  async function revoke(actor: Actor, userId: string): Promise<void> {
    await transact(async () => {
      const { state } = await get(userId);
      if (state !== 'sent' && state !== 'opened') throw InvitationClosed();
      await links.revoke('invitation', userId);
      const { username } = await users.get(userId);
      await audit.record(actor, 'user.invitation_revoked', { kind: 'user', id: userId, name: username });
    });
  }

  /** The invitation of a link, or what is wrong with the link. Records when its form was first sent. */
  async function open(secret: string, address: string): Promise<Welcome | LinkFlaw> {
    const found = await look(secret);
    if (typeof found === 'string') return found;
    const { user } = found;
    await transact(async () => {
      if (!(await links.noteOpened('invitation', secret))) return;
      const target = { kind: 'user', id: user.id, name: user.username };
      await audit.record({ ...system, address }, 'user.invitation_opened', target);
    });
    return found;
  }

  async function look(secret: string): Promise<Welcome | LinkFlaw> {
    const link = await links.look('invitation', secret);
    if (typeof link === 'string') return link;
    const user = await inviteeOf(link);
    if (!user) return 'revoked';
    return { user, by: link.by, groups: await namesOfGroups(user) };
  }

  /** Disabling users ends their invitations too, for when they are enabled again. */
  async function inviteeOf({ subject, mark }: Link): Promise<User | undefined> {
    const user = await findUser(subject);
    return user?.status === 'invited' && holds(mark, user) ? user : undefined;
  }

  /** Uses the link up, keeps the names and sets the password, all or nothing. @throws LinkUsedOrExpired, TooManyAttempts */
  async function accept(secret: string, { names, password, address }: Acceptance): Promise<User> {
    await limits.count(secret, address);
    const hash = await credentials.hash(password);
    return transact(async () => {
      const link = await links.use('invitation', secret);
      const { subject } = link;
      const before = await inviteeOf(link);
      if (!before) throw LinkUsedOrExpired();
      const self = themselves(before, address);
      const { first_name: first, last_name: last } = names;
      const isRenamed = first !== before.firstName || last !== before.lastName;
      const user = isRenamed ? await users.update(self, subject, names) : before;
      await credentials.setFirst(self, subject, hash);
      await audit.record(self, 'user.invitation_accepted', { kind: 'user', id: subject, name: user.username });
      return user;
    });
  }

  return {
    createInvited,
    createMany,
    send,
    sendAgain,
    renew,
    get,
    revoke,
    open,
    look,
    accept,
    brokenRules: credentials.brokenRules,
  };
}
