/**
 * Owns daily statistics (sign-ins, new customers, sizes of groups), and collects the problems of all modules.
 * Must not touch: what it counts. Others report it, or it counts through the services it receives.
 */
import type { Room } from '../../module.ts';
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
