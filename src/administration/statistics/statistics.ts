import type { Clock } from '../../platform/clock.ts';
import type { Count } from '../../platform/paging.ts';
import type { Warning } from '../../directory/module.ts';

const DAY_MS = 24 * 3600 * 1000;
const MOST_GROUPS = 5;

export const TALLIES = ['sign_ins', 'failed_sign_ins'] as const;
export type Tally = (typeof TALLIES)[number];

/** What happened on one day, in UTC. */
export interface Day {
  /** Such as `2026-11-21`. */
  date: string;
  sign_ins: number;
  failed_sign_ins: number;
  new_customers: number;
}

/** The groups with the most direct members, as they were on one day. */
export interface GroupSizes {
  date: string;
  groups: { id: string; members: number }[];
}

export interface StatisticsStore {
  add(date: string, tallies: Partial<Record<Tally, number>>): Promise<void>;
  setNewCustomers(date: string, count: number): Promise<void>;
  days(from: string): Promise<Day[]>;
  putGroupSizes(sizes: GroupSizes): Promise<void>;
  groupSizes(from: string): Promise<GroupSizes[]>;
}

export interface StatisticsOptions {
  store: StatisticsStore;
  /** How many customers were created in this time; never counted far. */
  countNewCustomers(after: Date, before: Date): Promise<Count>;
  /** The groups with the most direct members; reads every membership. */
  largestGroups(limit: number): Promise<GroupSizes['groups']>;
  /** The warnings that modules report. */
  findWarnings(): Promise<Warning[]>;
  now: Clock;
}

export type Statistics = ReturnType<typeof createStatistics>;

/** Numbers by the day. They are for looking at: what was counted in the last seconds before a crash is missing. */
export function createStatistics({ store, countNewCustomers, largestGroups, findWarnings, now }: StatisticsOptions) {
  const pending = new Map<Tally, number>();
  const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  const daysAgo = (days: number) => dateOf(now().getTime() - days * DAY_MS);

  /** Written with the next `flush`, so that counting costs a sign-in nothing. */
  function count(tally: Tally): void {
    pending.set(tally, (pending.get(tally) ?? 0) + 1);
  }

  async function flush(): Promise<void> {
    if (pending.size === 0) return;
    const tallies = Object.fromEntries(pending);
    pending.clear();
    await store.add(daysAgo(0), tallies);
  }

  /** Counts the customers of today and of yesterday, whose last hours nobody may have counted yet. */
  async function countCustomers(): Promise<void> {
    for (const date of [daysAgo(1), daysAgo(0)]) {
      const after = new Date(date);
      const { value } = await countNewCustomers(after, new Date(after.getTime() + DAY_MS));
      await store.setNewCustomers(date, value);
    }
  }

  /** Once a day, since it reads every membership. */
  async function measureGroups(): Promise<void> {
    const date = daysAgo(0);
    if ((await store.groupSizes(date)).length > 0) return;
    const groups = await largestGroups(MOST_GROUPS);
    // Where there is no group yet, the first will be made today.
    if (groups.length > 0) await store.putGroupSizes({ date, groups });
  }

  /** Every day of the last `days`, those without anything too, the oldest first. */
  async function overview(days: number): Promise<{ days: Day[]; sizes: GroupSizes[]; warnings: Warning[] }> {
    const from = daysAgo(days - 1);
    const known = new Map((await store.days(from)).map((day) => [day.date, day]));
    const dates = Array.from({ length: days }, (_, index) => daysAgo(days - 1 - index));
    const none = { sign_ins: 0, failed_sign_ins: 0, new_customers: 0 };
    return {
      days: dates.map((date) => ({ ...none, ...known.get(date), date })),
      sizes: await store.groupSizes(from),
      warnings: await findWarnings(),
    };
  }

  return { count, flush, countCustomers, measureGroups, overview };
}
