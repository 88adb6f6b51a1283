/**
 * Owns numbers by the day: sign-ins, new customers, the sizes of groups; and asks every room what is wrong.
 * Must not touch: what it counts. It is told, or counts with the verbs it is lent.
 */
import type { Room } from '../room.ts';
import { statisticsEndpoints, type StatisticsEndpointsOptions } from './statistics.api.ts';
import { createStatistics, type Statistics, type StatisticsOptions } from './statistics.ts';

export interface StatisticsRoomOptions extends StatisticsOptions, Omit<StatisticsEndpointsOptions, 'statistics'> {}

export function statisticsRoom(options: StatisticsRoomOptions): { statistics: Statistics; room: Room } {
  const statistics = createStatistics(options);
  const room: Room = {
    name: 'statistics',
    scopes: { 'statistics:read': 'Read daily statistics.' },
    endpoints: statisticsEndpoints({ ...options, statistics }),
    chores: [
      { name: 'write-tallies', everySeconds: 5, onEveryNode: true, run: statistics.flush },
      { name: 'count-new-customers', everySeconds: 300, run: statistics.countCustomers },
      { name: 'measure-groups', everySeconds: 3600, run: statistics.measureGroups },
    ],
    stop: statistics.flush,
  };
  return { statistics, room };
}
