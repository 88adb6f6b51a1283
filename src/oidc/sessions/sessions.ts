import { system, type Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { impactOn, type Impact, type Ref } from '../../platform/impact.ts';
import { pageOfItems, type Page, type PageRequest } from '../../platform/paging.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { OnAccessLost } from '../../directory/applications/signal-settings.ts';
import { letsThrough } from '../../directory/applications/claimed-groups.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Connections } from './connected-applications.mongo.ts';
import type { ConnectedApplication, ListedSession, SessionStore } from './session-store.mongo.ts';
import type { Contributions, SignOutElsewhere } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';

export const SessionNotFound = defineError('missing', 'session_not_found', 'This user does not have this session.');
export const NotConnected = defineError('missing', 'not_connected', 'This user is not connected to this application.');

export interface SessionsOptions {
  open: Pick<
    SessionStore,
    'sessionsOf' | 'sessionIdsOf' | 'isSignedIn' | 'endSession' | 'connectedTo' | 'disconnect' | 'endAccess'
  >;
  signOutElsewhere: SignOutElsewhere;
  contributions: Pick<Contributions, 'claimSources'>;
  applications: Pick<Applications, 'find' | 'withGroup'>;
  connected: Pick<Connections, 'readersOf'>;
  groups: Pick<Groups, 'get'>;
  /** Of these groups, those that an actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

const MOST_NAMED = 1000;

interface Connected {
  application: Application;
  scopes: string[];
}

/** An application that a user is connected to, with what it reads about them. */
export interface Connection extends Connected {
  /** What its tokens say of them now, by claim. */
  claims: Record<string, unknown>;
}

export type Sessions = ReturnType<typeof createSessions>;

/** Sessions and connected applications, for users themselves and for administrators. */
export function createSessions(options: SessionsOptions) {
  const { open, signOutElsewhere, contributions, applications, connected, groups, visibleGroups } = options;
  const { audit, transact, now } = options;

  /** The most recently used first. */
  const sessionsOf = (user: User, page: PageRequest): Promise<Page<ListedSession>> => open.sessionsOf(user.id, page);

  /** With the grants and tokens that were issued in it. @throws SessionNotFound */
  async function endSession(actor: Actor, user: User, id: string): Promise<void> {
    await transact(async () => {
      if (!(await open.endSession(user.id, id))) throw SessionNotFound();
      await audit.record(actor, 'user.session_ended', targetOf(user));
    });
  }

  async function endOtherSessions(actor: Actor, user: User, exceptUid: string): Promise<void> {
    await transact(async () => {
      await signOutElsewhere({ userId: user.id, uid: exceptUid });
      await audit.record(actor, 'user.other_sessions_ended', targetOf(user));
    });
  }

  /** The applications that may read about them, with what they read today of the groups that the actor may see, by name. */
  async function connections(user: User, page: PageRequest, actor: Actor = system): Promise<Page<Connection>> {
    const known = await open.connectedTo(user.id);
    const found = await Promise.all(known.map(toConnected));
    const { items, ...cursors } = pageOfItems(
      found.flatMap((each) => each ?? []),
      page,
      keyOfConnected,
    );
    return { items: await Promise.all(items.map((each) => toConnection(actor, user, each))), ...cursors };
  }

  /** The scopes that a user has granted an application; undefined if they are not connected to it. */
  async function grantedScopes(userId: string, clientId: string): Promise<string[] | undefined> {
    const known = await open.connectedTo(userId);
    return known.find((each) => each.clientId === clientId)?.scopes;
  }

  /** The applications that users have allowed to receive groups and whose claim policy includes this group; by name. */
  const readersOfGroup = async (group: Group, page: PageRequest): Promise<Page<Application>> =>
    pageOfItems(await allReadersOf(group), page, keyOfApplication);

  async function allReadersOf(group: Group): Promise<Application[]> {
    const found = await Promise.all((await connected.readersOf('groups')).map(applications.find));
    return found
      .flatMap((application) => application ?? [])
      .filter(({ claimPolicy }) => letsThrough(claimPolicy, group, now()));
  }

  /** Those that see a group, and those whose claim policies name it. */
  async function impactOf({ kind, id }: Ref): Promise<Impact[]> {
    if (kind !== 'group') return [];
    const group = await groups.get(id);
    const concerned = [...(await allReadersOf(group)), ...(await applications.withGroup(id, MOST_NAMED))];
    return [impactOn('applications', [...new Map(concerned.map((each) => [each.id, each])).values()])];
  }

  async function toConnected({ clientId, scopes }: ConnectedApplication): Promise<Connected | undefined> {
    const application = await applications.find(clientId);
    // Cohort's own pages are not third parties that a user is connected to.
    if (!application || (application.metadata['response_types'] as string[] | undefined)?.includes('none'))
      return undefined;
    return { application, scopes };
  }

  async function toConnection(actor: Actor, user: User, { application, scopes }: Connected): Promise<Connection> {
    const granted = contributions.claimSources.filter(({ scope }) => scopes.includes(scope));
    const seen = (all: Group[]) => visibleGroups(actor, all);
    const read = await Promise.all(granted.map((source) => source.read({ user, application, visibleGroups: seen })));
    return { application, scopes, claims: Object.assign({}, ...read) as Record<string, unknown> };
  }

  /** Takes the consent back and ends what was granted. @throws NotConnected */
  async function disconnect(actor: Actor, user: User, clientId: string): Promise<void> {
    await transact(async () => {
      const known = await open.connectedTo(user.id);
      if (!known.some((each) => each.clientId === clientId)) throw NotConnected();
      const application = await applications.find(clientId);
      await open.disconnect(user.id, clientId);
      const target = { kind: 'application', id: clientId, name: application?.name ?? clientId };
      await audit.record(actor, 'user.application_disconnected', target, {}, [subjectOf(user)]);
    });
  }

  /** For a user who may no longer sign in to an application; how the application wants it (`SignalSettings`). */
  async function endAccess(user: User, application: Application, how: OnAccessLost): Promise<void> {
    if (how === 'nothing') return;
    const { id, name } = application;
    await transact(async () => {
      if (!(await open.endAccess(user.id, id, { withLogout: how === 'sign_out' }))) return;
      const target = { kind: 'application', id, name };
      await audit.record(system, 'user.access_lost', target, { on_access_lost: how }, [subjectOf(user)]);
    });
  }

  /** By an administrator, although the user may sign in again; with back-channel logout. */
  async function signOutOf(actor: Actor, user: User, { id, name }: Application): Promise<void> {
    await transact(async () => {
      if (!(await open.endAccess(user.id, id, { withLogout: true }))) return;
      const target = { kind: 'application', id, name };
      await audit.record(actor, 'user.application_signed_out', target, {}, [subjectOf(user)]);
    });
  }

  return {
    sessionsOf,
    sessionIdsOf: open.sessionIdsOf,
    isSignedIn: open.isSignedIn,
    grantedScopes,
    readersOfGroup,
    impactOf,
    endSession,
    endOtherSessions,
    connections,
    disconnect,
    endAccess,
    signOutOf,
  };
}

const keyOfApplication = ({ id, name }: Application) => wordKey([name], id);
const keyOfConnected = ({ application }: Connected) => keyOfApplication(application);

const subjectOf = ({ id, username }: User) => ({ id, name: username });
const targetOf = (user: User) => ({ kind: 'user', ...subjectOf(user) });
