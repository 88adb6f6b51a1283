import type { AuditAction } from '../../directory/audit/audit-action.ts';
import { toAuditEvent, type AuditEvent, type StoredAuditEvent } from '../../directory/audit/audit-event.ts';
import type { Id } from '../../platform/ids.ts';
import { followWhileWanted, type Change, type DurableFeed } from '../../platform/db/durable-feed.mongo.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { KnownUserStore } from '../shared-signals/known-user.ts';
import type { PostSignals } from '../shared-signals/signals.ts';
import type { ClaimChanges, Concerned } from './claim-changes.ts';
import { CREDENTIAL_ACTIONS, credentialSignals } from './credential-changes.ts';
import type { GrantedUsers } from './granted-users.mongo.ts';
import { grantsOf, membersOf, usersOf, type Scan, type ScanStore } from './scan.ts';
import { WATCHED } from './watched.ts';

/** With nobody to look at, it waits so long for the next change. */
const WAIT_MS = 2000;
const MOST_CHANGES = 200;

export interface FollowChangesOptions {
  feed: DurableFeed;
  scans: ScanStore;
  runScan(scan: Scan): Promise<void>;
  claimChanges: ClaimChanges;
  knownUsers: KnownUserStore;
  grantedUsers: Pick<GrantedUsers, 'byGrants'>;
  /** The applications that want to know of changes. */
  applicationsInterested(): Promise<string[]>;
  /** These groups and their subgroups; undefined if there are too many to name. */
  subtreeOf(groupIds: Id[]): Promise<Id[] | undefined>;
  groupsWithRole(roleId: Id): Promise<Id[] | undefined>;
  /** In blocks, the oldest first. */
  auditEventsSince(since: Date, action: AuditAction): AsyncIterable<AuditEvent[]>;
  /** What this process remembers of these is read again. */
  forgetKnown(collection: string, ids: string[]): void;
  postSignals: PostSignals;
  transact: Transact;
}

/** Follows everything that can change what an application reads about a user, on one node at a time. */
export function createFollowChanges(options: FollowChangesOptions) {
  const { feed, scans, runScan, claimChanges, knownUsers, grantedUsers, applicationsInterested } = options;
  const { subtreeOf, groupsWithRole, auditEventsSince, forgetKnown, postSignals, transact } = options;

  /** Changes come before what is left of a scan, so that a large group keeps no single user waiting. False if nobody wants to know. */
  async function followOnce(): Promise<boolean> {
    const interested: ReadonlySet<string> = new Set(await applicationsInterested());
    if (interested.size === 0) return false;
    const scan = await scans.next();
    const { changes, position, gap } = await feed.next({ waitMs: scan ? 0 : WAIT_MS, limit: MOST_CHANGES });
    await scans.add((await scans.unseeded([...interested])).map(grantsOf));
    if (gap) await lookAtAll(interested, gap.since);
    await take(changes, interested, position);
    if (scan) await runScan(scan);
    return true;
  }

  async function lookAtAll(interested: ReadonlySet<string>, since: Date | undefined): Promise<void> {
    await scans.add([...interested].flatMap((clientId) => [grantsOf(clientId), usersOf(clientId)]));
    if (!since) return;
    for (const action of CREDENTIAL_ACTIONS)
      for await (const events of auditEventsSince(since, action)) await tellCredentials(events);
  }

  async function take(changes: Change[], interested: ReadonlySet<string>, position: string): Promise<void> {
    const of = (collection: string) => changes.filter((each) => each.collection === collection);
    for (const name of [WATCHED.groups, WATCHED.roles, WATCHED.applications])
      forgetKnown(
        name,
        of(name).map(({ id }) => id),
      );
    await meetGranted(of(WATCHED.grants), interested);
    const outcomes = await claimChanges.look(await concernedBy(of(WATCHED.users), interested));
    const wide = await scansFor(of, interested);
    const lost = of(WATCHED.applications).filter(({ id }) => !interested.has(id));
    for (const { id } of lost) await forgetApplication(id);
    // A cast, because only entries of the audit log are followed with their documents.
    const events = of(WATCHED.auditEvents).map(({ document }) => toAuditEvent(document as unknown as StoredAuditEvent));
    await transact(async () => {
      await claimChanges.commit(outcomes);
      await tellCredentials(events);
      await scans.add(wide);
      await feed.keep(position);
    });
  }

  async function meetGranted(changes: Change[], interested: ReadonlySet<string>): Promise<void> {
    if (changes.length === 0) return;
    const at = new Map(changes.map((change) => [change.id, change.at]));
    const granted = await grantedUsers.byGrants([...at.keys()]);
    const met = granted.filter(({ clientId }) => interested.has(clientId));
    await claimChanges.meet(met.map((each) => ({ ...each, knownAt: at.get(each.grantId)! })));
  }

  async function concernedBy(changes: Change[], interested: ReadonlySet<string>): Promise<Concerned[]> {
    const relevant = changes.filter(({ fields, operation }) => operation === 'replace' || fields.some(isOfClaims));
    if (relevant.length === 0) return [];
    const changedAt = new Map(relevant.map(({ id, at }) => [id, at]));
    const known = await knownUsers.ofUsers([...changedAt.keys()]);
    return known
      .filter(({ clientId }) => interested.has(clientId))
      .map((each) => ({ known: each, changedAt: changedAt.get(each.userId) }));
  }

  /** A change that concerns many is looked at block by block; where that is too many groups to name, at all users. */
  async function scansFor(of: (name: string) => Change[], interested: ReadonlySet<string>) {
    const wide: Pick<Scan, 'id' | 'what'>[] = [];
    const everybody = [...interested].map(usersOf);
    const among = (id: string, groupIds: Id[] | undefined) => (groupIds ? [membersOf(id, groupIds)] : everybody);
    for (const { id, fields, operation } of of(WATCHED.groups)) {
      if (operation === 'update' && !fields.some((field) => GROUP_FIELDS.test(field))) continue;
      wide.push(...among(`group:${id}`, await subtreeOf([id])));
    }
    for (const { id } of of(WATCHED.roles)) wide.push(...among(`role:${id}`, await groupsWithRole(id)));
    const changed = of(WATCHED.applications).filter(({ id }) => interested.has(id));
    wide.push(...changed.map(({ id }) => usersOf(id)));
    return [...new Map(wide.map((scan) => [scan.id, scan])).values()];
  }

  /** One that does not want to know any more, or is gone. */
  async function forgetApplication(clientId: string): Promise<void> {
    await knownUsers.removeOfApplication(clientId);
    await scans.forgetApplication(clientId);
  }

  async function tellCredentials(events: AuditEvent[]): Promise<void> {
    if (events.length === 0) return;
    await postSignals(credentialSignals(events, await knownUsers.ofUsers(events.map(({ target }) => target.id))));
  }

  const follow = (stopping: AbortSignal): Promise<void> => followWhileWanted(feed, followOnce, stopping);

  return { follow, forgetApplication };
}

/** Of a user's document. */
const isOfClaims = (field: string): boolean => /^(memberships(\.|$)|status$)/.test(field);
const GROUP_FIELDS = /^(name|formerNames|parentId|roleIds)(\.|$)/;
