import type { Application } from '../../directory/applications/application.ts';
import { NO_SIGNALS, type OnAccessLost } from '../../directory/applications/signal-settings.ts';
import type { User } from '../../directory/users/user.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Wanted } from '../claims/distributed-claims.ts';
import type { KnownUser, KnownUserStore } from '../shared-signals/known-user.ts';
import type { Signal } from '../shared-signals/security-event.ts';
import type { PostSignals } from '../shared-signals/signals.ts';
import type { GrantedUser } from './granted-users.mongo.ts';
import { changedClaims, wantedFrom, type Read, type Reading } from './reading.ts';

export interface ClaimChangesOptions {
  knownUsers: KnownUserStore;
  findUsers(ids: Id[]): Promise<User[]>;
  findApplication(clientId: string): Promise<Application | undefined>;
  read: Read;
  /** Lists that are too long for a token as references, as in a token. */
  shorten(wanted: Wanted, claims: Record<string, unknown>): Promise<Record<string, unknown>>;
  subjectOf(userId: Id, application: Application): Promise<string>;
  /** Ends what was granted to an application about a user. */
  endAccess(user: User, application: Application, how: OnAccessLost): Promise<void>;
  postSignals: PostSignals;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

/** Someone to look at, because something changed then. */
export interface Concerned {
  known: KnownUser;
  changedAt?: Date | undefined;
}

/** Someone who an application got to know then. */
export type Met = Pick<GrantedUser, 'clientId' | 'userId' | 'scopes'> & Pick<KnownUser, 'knownAt'>;

/** What has become of what an application knows. */
interface Outcome {
  before: KnownUser;
  after: Pick<KnownUser, 'scopes' | 'claims' | 'hasAccess' | 'isDisabled'>;
  signals: Signal[];
}

export type ClaimChanges = ReturnType<typeof createClaimChanges>;

/**
 * Compares what applications can read about users with what they could read before. It looks at the present and not at what was
 * done, so that a change is told whatever made it: the API, an import, the clock, a new claim policy.
 */
export function createClaimChanges(options: ClaimChangesOptions) {
  const { knownUsers, findUsers, findApplication, read, shorten, subjectOf, endAccess, postSignals } = options;
  const { transact, newId, now } = options;

  /** Outside of a transaction; ends what lost access has to end. `commit` writes and tells the rest. */
  async function look(concerned: Concerned[]): Promise<Outcome[]> {
    const users = new Map((await findUsers(concerned.map(({ known }) => known.userId))).map((user) => [user.id, user]));
    const outcomes: Outcome[] = [];
    for (const each of concerned) {
      const user = users.get(each.known.userId);
      const application = await findApplication(each.known.clientId);
      const outcome = user && application && (await lookAt(each, user, application));
      if (outcome) outcomes.push(outcome);
    }
    return outcomes;
  }

  async function lookAt(
    { known, changedAt }: Concerned,
    user: User,
    application: Application,
  ): Promise<Outcome | undefined> {
    const after = await read(user, application, known.scopes);
    // What changed between the token and the first look was never said, and there is nothing to compare it with.
    const isUnsaid = known.version === 0 && changedAt && changedAt >= known.knownAt && changedAt <= known.readAt;
    const changed = isUnsaid ? Object.keys(after.values) : changedClaims(known, after);
    const isSame = known.hasAccess === after.hasAccess && known.isDisabled === after.isDisabled;
    if (changed.length === 0 && isSame) return undefined;
    const { onAccessLost } = application.signals ?? NO_SIGNALS;
    if (known.hasAccess && !after.hasAccess && onAccessLost !== 'nothing')
      await endAccess(user, application, onAccessLost);
    const { claims, hasAccess, isDisabled } = after;
    const signals = await signalsOf({ known, user, application, after, changed });
    return { before: known, after: { scopes: known.scopes, claims, hasAccess, isDisabled }, signals };
  }

  async function signalsOf({ known, user, application, after, changed }: Compared): Promise<Signal[]> {
    const common = { clientId: application.id, userId: user.id, at: now(), txn: newId() };
    const signals: Signal[] = [];
    if (changed.length > 0) {
      const values = Object.fromEntries(changed.map((name) => [name, after.values[name] ?? []]));
      const wanted = wantedFrom(user, application, known.scopes);
      const claims = wanted && after.hasAccess ? await shorten(wanted, values) : values;
      signals.push({ ...common, event: 'token-claims-change', details: { claims } });
    }
    if (known.isDisabled !== after.isDisabled)
      signals.push({ ...common, event: after.isDisabled ? 'account-disabled' : 'account-enabled' });
    return signals;
  }

  /** Joins the caller's transaction. Of two nodes that have seen the same, one tells it. */
  async function commit(outcomes: Outcome[]): Promise<void> {
    const told: Signal[] = [];
    for (const { before, after, signals } of outcomes)
      if (await knownUsers.change(before, after)) told.push(...signals);
    await postSignals(told);
  }

  /** Applications have got to know these users, and read now what they can read. */
  async function meet(all: Met[]): Promise<void> {
    const users = new Map((await findUsers(all.map(({ userId }) => userId))).map((user) => [user.id, user]));
    for (const { clientId, userId, scopes, knownAt } of all) {
      const user = users.get(userId);
      const application = await findApplication(clientId);
      if (user && application) await meetOne(user, application, { scopes, knownAt });
    }
  }

  async function meetOne(
    user: User,
    application: Application,
    { scopes, knownAt }: Pick<KnownUser, 'scopes' | 'knownAt'>,
  ): Promise<void> {
    const known = await knownUsers.find(application.id, { userId: user.id });
    const all = [...new Set([...(known?.scopes ?? []), ...scopes])].sort();
    if (known?.scopes.length === all.length) return;
    const { claims, hasAccess, isDisabled } = await read(user, application, all);
    if (known) {
      // What was known before stays, so that a change of it is told.
      const added = claims.filter(({ name }) => !known.claims.some((each) => each.name === name));
      await knownUsers.change(known, { ...known, scopes: all, claims: [...known.claims, ...added] });
      return;
    }
    const sub = await subjectOf(user.id, application);
    const common = { clientId: application.id, userId: user.id, sub, version: 0, knownAt };
    // Who has signed in had access then, and what they have left of it ends now if they have none.
    await knownUsers.insert({ ...common, scopes: all, claims, hasAccess: true, isDisabled });
    if (hasAccess) return;
    const met = await knownUsers.find(application.id, { userId: user.id });
    const outcomes = await look(met ? [{ known: met }] : []);
    await transact(() => commit(outcomes));
  }

  return { look, commit, meet };
}

interface Compared {
  known: KnownUser;
  user: User;
  application: Application;
  after: Reading;
  changed: string[];
}
