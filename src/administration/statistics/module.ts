/**
 * Owns daily statistics (sign-ins, new customers, sizes of groups), and collects the warnings of all modules.
 * Must not touch: what it counts. Others report it, or it counts through the services it receives.
 */
import type { Module, Platform, SignInOutcome } from '../../directory/module.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Users } from '../../directory/users/users.ts';
import { statisticsEndpoints } from './statistics.api.ts';
import { createStatisticsStore } from './statistics.mongo.ts';
import { createStatistics, type Statistics } from './statistics.ts';

export interface StatisticsModuleOptions {
  users: Pick<Users, 'countCreated'>;
  groups: Pick<Groups, 'cached'>;
  memberships: Pick<Memberships, 'largest'>;
}

export function createStatisticsModule(
  { connection, now, hooks }: Platform,
  { users, groups, memberships }: StatisticsModuleOptions,
): { service: Statistics; module: Module } {
  const statistics = createStatistics({
    store: createStatisticsStore(connection),
    countNewCustomers: (after, before) => users.countCreated('customer', { after, before }),
    largestGroups: memberships.largest,
    findWarnings: hooks.findWarnings,
    now,
  });
  return {
    service: statistics,
    module: {
      name: 'statistics',
      scopes: { 'statistics:read': 'Read daily statistics.' },
      endpoints: statisticsEndpoints({ statistics, groupsByIds: groups.cached }),
      onSignIn: (outcome: SignInOutcome) => statistics.count(outcome === 'success' ? 'sign_ins' : 'failed_sign_ins'),
      tasks: [
        { name: 'write-tallies', everySeconds: 5, onEveryNode: true, run: statistics.flush },
        { name: 'count-new-customers', everySeconds: 300, run: statistics.countCustomers },
        { name: 'measure-groups', everySeconds: 3600, run: statistics.measureGroups },
      ],
      stop: statistics.flush,
    },
  };
}
