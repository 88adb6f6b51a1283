import type { Clock } from '../../platform/clock.ts';
import { unixSeconds } from '../../platform/clock.ts';
import type { Email } from '../../platform/mail/email.ts';
import { decodeCursor, type Position } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { Memberships } from '../memberships/memberships.ts';
import { hasEnded } from '../memberships/period.ts';
import { everybody } from '../users/user-search.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { EndNotice, EndNoticeStore } from './end-notice.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const BATCH = 200;
/** Owners of a group in which more memberships end read how many more there are. */
const MOST_LISTED = 100;
/** A name for the cursors of the search, which no one else sees. */
const LIST = 'end-notices';

export interface EndNoticesOptions {
  store: EndNoticeStore;
  users: Pick<Users, 'searchMembers' | 'findMany'>;
  groups: Pick<Groups, 'withEndNotice' | 'find'>;
  memberships: Pick<Memberships, 'membershipIn' | 'ownersOf'>;
  /** Up to 1,000 emails. */
  postMany(emails: Email[]): Promise<void>;
  transact: Transact;
  now: Clock;
  issuer: string;
}

export type EndNotices = ReturnType<typeof createEndNotices>;

interface Ending {
  user: User;
  notice: EndNotice;
}

/**
 * Emails about memberships that end soon: one to the user for each end, and at most one a day for each group to its owners.
 * Each email is posted in the transaction that remembers it, so a task that is killed or runs twice sends none twice.
 */
export function createEndNotices(options: EndNoticesOptions) {
  const { store, users, groups, memberships, postMany, transact, now, issuer } = options;

  /** May be stopped and run again. */
  async function sendDue(stopping?: AbortSignal): Promise<void> {
    for (const id of await groups.withEndNotice()) {
      if (stopping?.aborted) return;
      const group = await groups.find(id);
      if (group) await noticeGroup(group, stopping);
    }
  }

  async function noticeGroup(group: Group, stopping?: AbortSignal): Promise<void> {
    let position: Position | undefined;
    do {
      const from = position;
      const next = await transact(() => noticeSome(group, from));
      position = next === null ? undefined : decodeCursor(LIST, next);
    } while (position && !stopping?.aborted);
    if (!stopping?.aborted) await transact(() => tellOwners(group));
  }

  /** Tells the users of one page of the search who have not been told; returns its next cursor. */
  async function noticeSome(group: Group, position: Position | undefined): Promise<string | null> {
    const endingBefore = new Date(now().getTime() + (group.endNoticeDays ?? 0) * DAY_MS);
    const criteria = { ...everybody, inGroup: group.id, endingBefore };
    const page = await users.searchMembers(criteria, { list: LIST, limit: BATCH, ...(position ? { position } : {}) });
    const due = page.items.filter(isReachable).flatMap((user) => endingOf(group, user) ?? []);
    const known = new Set((await store.known(due.map(({ notice }) => notice))).map(keyOf));
    const fresh = due.filter(({ notice }) => !known.has(keyOf(notice)));
    if (fresh.length > 0) {
      await store.add(
        group.id,
        fresh.map(({ notice }) => notice),
      );
      await postMany(fresh.map((ending) => emailToUser(group, ending)));
    }
    return page.next;
  }

  function endingOf(group: Group, user: User): Ending | undefined {
    const membership = memberships.membershipIn(user, group.id);
    if (!membership?.until || hasEnded(membership, now())) return undefined;
    return { user, notice: { groupId: group.id, userId: user.id, until: membership.until } };
  }

  const emailToUser = (group: Group, { user, notice }: Ending): Email => ({
    cause: `membership-ends:${keyOf(notice)}`,
    to: user.username,
    view: 'membership-ends',
    model: { group: group.name, at: unixSeconds(notice.until) },
    isBulk: true,
  });

  /** One email a day about all members who were told since the last one, as far as they still leave then. */
  async function tellOwners(group: Group): Promise<void> {
    const open = await store.openRound(group.id);
    const day = now().toISOString().slice(0, 10);
    if (!open || open.count === 0 || open.toldOn === day) return;
    const notices = await store.inRound(group.id, open.round, MOST_LISTED);
    const found = new Map((await users.findMany(notices.map(({ userId }) => userId))).map((user) => [user.id, user]));
    const leaving = notices.flatMap((notice) => {
      const user = found.get(notice.userId);
      const ending = user && endingOf(group, user);
      return ending && keyOf(ending.notice) === keyOf(notice) ? [ending] : [];
    });
    const hasNews = leaving.length > 0;
    await store.closeRound(group.id, open.round, hasNews ? day : open.toldOn);
    if (!hasNews) return;
    const owners = (await memberships.ownersOf(group.id)).filter(isReachable);
    const model = {
      group: group.name,
      link: `${issuer}/account/groups/${group.id}`,
      members: leaving.map(({ user, notice }) => ({ username: user.username, until: unixSeconds(notice.until) })),
      others: open.count - notices.length,
    };
    const emailTo = ({ id, username }: User): Email => ({
      cause: `members-end:${group.id}:${open.round}:${id}`,
      to: username,
      view: 'members-end',
      model,
      isBulk: true,
    });
    await postMany(owners.map(emailTo));
  }

  return { sendDue };
}

const isReachable = ({ status }: User): boolean => status !== 'disabled';

const keyOf = ({ groupId, userId, until }: EndNotice): string => `${groupId}:${userId}:${until.getTime()}`;
