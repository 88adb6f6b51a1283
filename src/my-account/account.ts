import type { Actor } from '../base/actor.ts';
import { unixSeconds } from '../base/clock.ts';
import type { Id } from '../base/ids.ts';
import type { Transact } from '../base/transaction.ts';
import type { Application } from '../applications/application.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Audit } from '../audit/audit.ts';
import { presentFactors } from '../factors/factor.ts';
import type { Factors } from '../factors/factors.ts';
import { presentGroup, type Group } from '../groups/group.ts';
import type { ConnectedApplication, OpenThings } from '../oidc/session-list.mongo.ts';
import type { ClaimSource } from '../room.ts';
import { presentUser, type Person } from '../users/user.ts';

const RECENT = 50;

export interface AccountOptions {
  open: OpenThings;
  factors: Pick<Factors, 'find' | 'listDevices'>;
  claims: ClaimSource[];
  groupsOf(userId: Id): Promise<Group[]>;
  /** Which terms they agreed to, and when. */
  termsOf(userId: Id): Promise<{ terms: string; agreedAt: Date } | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
  audit: Audit;
  transact: Transact;
}

/** An application that a person is connected to, with what it reads about them. */
export interface Connection {
  application: Application;
  scopes: string[];
  /** What its tokens say of them now, by claim. */
  claims: Record<string, unknown>;
}

export type Account = ReturnType<typeof createAccount>;

/** What people may know of themselves, and close themselves. */
export function createAccount(options: AccountOptions) {
  const { open, factors, claims, groupsOf, termsOf, findApplication, audit, transact } = options;

  /** The applications that may read about them, with what they read today. */
  async function connections(person: Person): Promise<Connection[]> {
    const connected = await open.connectedTo(person.id);
    const found = await Promise.all(connected.map((each) => toConnection(person, each)));
    return found.flatMap((each) => each ?? []).sort((a, b) => (a.application.name < b.application.name ? -1 : 1));
  }

  async function toConnection(
    person: Person,
    { clientId, scopes }: ConnectedApplication,
  ): Promise<Connection | undefined> {
    const application = await findApplication(clientId);
    // Cohort's own pages are no strangers to whom one is connected.
    if (!application || (application.metadata['response_types'] as string[] | undefined)?.includes('none'))
      return undefined;
    const granted = claims.filter(({ scope }) => scopes.includes(scope));
    const read = await Promise.all(granted.map((source) => source.read({ person, application, use: 'id_token' })));
    return { application, scopes, claims: Object.assign({}, ...read) as Record<string, unknown> };
  }

  async function disconnect(actor: Actor, person: Person, clientId: string): Promise<void> {
    const application = await findApplication(clientId);
    await transact(async () => {
      await open.disconnect(person.id, clientId);
      const target = { kind: 'application', id: clientId, name: application?.name ?? clientId };
      await audit.record(actor, 'user.application_disconnected', target, {}, [subjectOf(person)]);
    });
  }

  /** False when there is no such session of theirs. */
  async function endSession(actor: Actor, person: Person, id: string): Promise<boolean> {
    return transact(async () => {
      const isEnded = await open.endSession(person.id, id);
      if (isEnded) await audit.record(actor, 'user.session_ended', targetOf(person));
      return isEnded;
    });
  }

  async function endOtherSessions(actor: Actor, person: Person, exceptUid: string): Promise<void> {
    await transact(async () => {
      await open.endOtherSessions(person.id, exceptUid);
      await audit.record(actor, 'user.other_sessions_ended', targetOf(person));
    });
  }

  /** The newest first: what they did, and what was done to them. */
  async function activity(person: Person): Promise<AuditEvent[]> {
    const page = { list: '', limit: RECENT };
    return (await audit.search({ targetId: person.id, oldestFirst: false }, page)).items;
  }

  /** Everything that is kept about them, as they would want to take it along. */
  async function data(person: Person): Promise<Record<string, unknown>> {
    const sessions = await open.sessionsOf(person.id);
    const agreement = await termsOf(person.id);
    return {
      user: presentUser(person),
      terms: agreement ? { address: agreement.terms, agreed_at: unixSeconds(agreement.agreedAt) } : null,
      groups: (await groupsOf(person.id)).map(presentGroup),
      memberships: person.memberships.map(({ group, since }) => ({ group_id: group, since: unixSeconds(since) })),
      applications: (await connections(person)).map(({ application, scopes }) => ({
        client_id: application.id,
        name: application.name,
        scopes,
      })),
      sessions: sessions.map(({ userAgent, address, createdAt, seenAt }) => ({
        user_agent: userAgent,
        address,
        created_at: unixSeconds(createdAt),
        last_seen_at: unixSeconds(seenAt),
      })),
      factors: presentFactors(await factors.find(person.id)),
      remembered_devices: (await factors.listDevices(person.id)).map(
        ({ userAgent, address, createdAt, expiresAt }) => ({
          user_agent: userAgent,
          address,
          created_at: unixSeconds(createdAt),
          expires_at: unixSeconds(expiresAt),
        }),
      ),
      activity: (await activity(person)).map(({ action, at, address }) => ({
        action,
        at: unixSeconds(at),
        address: address ?? null,
      })),
    };
  }

  return {
    connections,
    disconnect,
    sessionsOf: open.sessionsOf,
    endSession,
    endOtherSessions,
    activity,
    data,
    groupsOf,
  };
}

const subjectOf = ({ id, username }: Person) => ({ id, name: username });
const targetOf = (person: Person) => ({ kind: 'user', ...subjectOf(person) });
