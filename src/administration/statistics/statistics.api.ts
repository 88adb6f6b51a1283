import { z } from 'zod';
import { unlimited } from '../../platform/http/authorization.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Group } from '../../directory/groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import type { Statistics } from './statistics.ts';

const whole = z.number().int();
const date = z.string().meta({ example: '2026-11-21' });

export const statisticsReply = z
  .strictObject({
    days: z
      .array(z.strictObject({ date, sign_ins: whole, failed_sign_ins: whole, new_customers: whole }))
      .meta({ description: 'Days in UTC, oldest first.' }),
    groups: z
      .array(
        z.strictObject({
          group_id: idShape,
          name: z.string(),
          members: z.array(z.strictObject({ date, count: whole })),
        }),
      )
      .meta({ description: 'The largest groups by direct members, measured once a day.' }),
    warnings: z
      .array(z.strictObject({ code: z.string(), count: whole }))
      .meta({ description: 'Problems that need attention.' }),
  })
  .meta({ id: 'Statistics' });

export const getStatistics = endpoint({
  method: 'get',
  path: '/v1/statistics',
  summary: 'Get daily statistics',
  description: 'The numbers are approximate: if a node fails, the last few seconds that it counted are lost.',
  tag: 'Statistics',
  scope: 'statistics:read',
  authorize: unlimited,
  query: z.strictObject({
    days: z
      .string()
      .regex(/^\d{1,9}$/, 'must be a whole number')
      .transform(Number)
      .pipe(z.number().min(1, 'must be at least 1').max(366, 'must be at most 366'))
      .default(30)
      .meta({ description: 'Number of days, including today.', example: '30' }),
  }),
  status: 200,
  reply: resultOf(statisticsReply),
  errors: [],
});

export interface StatisticsEndpointsOptions {
  statistics: Statistics;
  groupsByIds(ids: Id[]): Promise<Group[]>;
}

export function statisticsEndpoints({ statistics, groupsByIds }: StatisticsEndpointsOptions): Endpoint[] {
  return [
    getStatistics.handledBy(async ({ query }) => {
      const { days, sizes, warnings } = await statistics.overview(query.days);
      const groups = await groupsByIds([...new Set(sizes.flatMap((each) => each.groups.map(({ id }) => id)))]);
      const membersOf = (groupId: Id) =>
        sizes.flatMap((each) => {
          const size = each.groups.find(({ id }) => id === groupId);
          return size ? [{ date: each.date, count: size.members }] : [];
        });
      const lines = groups.map(({ id, name }) => ({ group_id: id, name, members: membersOf(id) }));
      const last = ({ members }: (typeof lines)[number]) => members.at(-1)?.count ?? 0;
      return { result: { days, groups: lines.sort((a, b) => last(b) - last(a)), warnings } };
    }),
  ];
}
