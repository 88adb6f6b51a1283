import { system } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Groups } from '../groups/groups.ts';
import type { History } from './history.ts';
import type { DeletedGroup, MembershipStore, Turn } from './membership.ts';
import { hasEnded } from './period.ts';

const PURGE_BATCH = 1000;
const SETTLE_BATCH = 500;

/**
 * After that, nobody adds members to a deleted group any more who did not know yet: a transaction lasts at most a minute, and
 * what a node remembers of a group is at most a second old.
 */
const LAST_ADDITION_MS = 65_000;

export interface UpkeepOptions {
  store: Pick<MembershipStore, 'settle' | 'unpurgedGroups' | 'unpurgedAmong' | 'purge' | 'markPurged'>;
  groups: Pick<Groups, 'findMany'>;
  history: Pick<History, 'close'>;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

/** Scheduled work on users' documents. Nothing that anybody reads depends on when it runs: it only keeps documents small and indexes exact. */
export function createUpkeep({ store, groups, history, audit, transact, now }: UpkeepOptions) {
  /**
   * Moves what members' documents say of deleted groups into the history, in blocks: soon after the deletion, and again when
   * nothing can be added any more. May be stopped and run again.
   */
  async function purgeDeleted(stopping?: AbortSignal): Promise<void> {
    const settledBefore = new Date(now().getTime() - LAST_ADDITION_MS);
    for (const group of await store.unpurgedGroups(settledBefore)) {
      await purge(group, stopping);
      if (stopping?.aborted) return;
      await store.markPurged(group.id, group.deletedAt < settledBefore ? 'for good' : 'once');
    }
  }

  /** The same at once, before groups get the IDs of deleted ones: they find no members of those, and lose none of their own. */
  async function purgeBeforeReuse(groupIds: Id[]): Promise<void> {
    for (const group of await store.unpurgedAmong(groupIds)) {
      await purge(group);
      await store.markPurged(group.id, 'for good');
    }
  }

  async function purge(group: DeletedGroup, stopping?: AbortSignal): Promise<void> {
    while ((await purgeSome(group)) > 0) if (stopping?.aborted) return;
  }

  async function purgeSome({ id, deletedAt: end, by }: DeletedGroup): Promise<number> {
    return transact(async () => {
      const purged = await store.purge(id, PURGE_BATCH);
      // Who was added after it was gone was never a member.
      const members = purged.filter(({ membership }) => membership.since <= end);
      const [ended = [], left = []] = [true, false].map((isOver) =>
        members.filter(({ membership }) => hasEnded(membership, end) === isOver),
      );
      await history.close(ended, { closing: 'ended', endedBy: system.id, end });
      await history.close(left, { closing: 'group_deleted', endedBy: by, end });
      return purged.length;
    });
  }

  /** Brings documents in line with the clock, in blocks. May be stopped and run again. */
  async function settle(stopping?: AbortSignal): Promise<void> {
    let documents = SETTLE_BATCH;
    while (documents === SETTLE_BATCH && !stopping?.aborted) documents = await settleSome();
  }

  async function settleSome(): Promise<number> {
    return transact(async () => {
      const { began, ended, documents } = await store.settle(now(), SETTLE_BATCH);
      await history.close(ended, { closing: 'ended', endedBy: system.id });
      await recordTurns('group.membership_began', began);
      await recordTurns('group.membership_ended', ended);
      return documents;
    });
  }

  /** One event or a few for each group; for a group that is gone there is nothing to tell. */
  async function recordTurns(
    action: 'group.membership_began' | 'group.membership_ended',
    turns: Turn[],
  ): Promise<void> {
    const byGroup = Map.groupBy(turns, ({ membership }) => membership.group);
    for (const group of await groups.findMany([...byGroup.keys()])) {
      const subjects = byGroup.get(group.id)!.map(({ user }) => ({ id: user.id, name: user.username }));
      await audit.recordMany(system, action, { kind: 'group', id: group.id, name: group.name }, subjects);
    }
  }

  return { purgeDeleted, purgeBeforeReuse, settle };
}
