import { listGroups } from '../../directory/groups/groups.api.ts';
import { listUsers } from '../../directory/users/users.api.ts';
import { getStatistics } from '../statistics/statistics.api.ts';
import type { z } from 'zod';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { statisticsReply } from '../statistics/statistics.api.ts';
import { sparkline } from './sparkline.ts';
import { consoleView, type ConsolePage, type ConsoleVisit, type Many } from './frame.pages.ts';

type Statistics = z.output<typeof statisticsReply>;
type Count = Many<unknown>['count'];

/** What happens here: what to look at first, how many there are of everything, and the last thirty days. */
export const dashboardPage: ConsolePage = { path: '/console', scope: 'users:read', show };

async function show(visit: ConsoleVisit): Promise<PageReply> {
  const statistics = visit.can('statistics:read') ? (await visit.call(getStatistics)).body.result : undefined;
  const counted = {
    customers: { kind: 'customer' },
    ...(visit.actor.adminScope ? {} : { administrators: { kind: 'administrator' } }),
    invited: { status: 'invited' },
  };
  const counts = Object.entries(counted).map(async ([name, query]) => [name, await countUsers(visit, query)]);
  const groups = visit.can('groups:read') ? await countGroups(visit) : undefined;
  const all = {
    ...(Object.fromEntries(await Promise.all(counts)) as Record<string, Count>),
    ...(groups ? { groups } : {}),
  };
  return consoleView(visit, 'dashboard', 'dashboard', { statistics, groups: linesOf(statistics), counts: all });
}

/** The biggest groups, each with the line of its size. */
function linesOf({ days, groups }: Pick<Statistics, 'days' | 'groups'> = { days: [], groups: [] }) {
  const dates = days.map(({ date }) => date);
  return groups.map((group) => ({ ...group, line: sparkline(group.members, dates) }));
}

const ONLY_COUNT = { limit: '1', count: 'true' };

async function countUsers({ call }: ConsoleVisit, query: Record<string, string>): Promise<Count> {
  return (await call(listUsers, { query: { ...query, ...ONLY_COUNT } })).body.count;
}

async function countGroups({ call }: ConsoleVisit): Promise<Count> {
  return (await call(listGroups, { query: ONLY_COUNT })).body.count;
}
