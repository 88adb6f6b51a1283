import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { FormerName } from '../groups/former-names.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { Application } from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { letsThrough, renamedGroupsAt } from './claimed-groups.ts';

export interface FormerNameReadersOptions {
  store: Pick<ApplicationStore, 'withFormerNames'>;
  groups: Pick<Groups, 'findMany' | 'withSubgroups'>;
  now: Clock;
}

export type FormerNameReaders = ReturnType<typeof createFormerNameReaders>;

const MOST_APPLICATIONS = 1000;
const MOST_SUBGROUPS = 1000;

/** Which applications depend on a former name of a group: those whose claims change when it is removed. */
export function createFormerNameReaders({ store, groups, now }: FormerNameReadersOptions) {
  /** By name. */
  async function readersOf(group: Group): Promise<(former: FormerName) => Application[]> {
    const at = now();
    const all = await store.withFormerNames(MOST_APPLICATIONS);
    const applications = all.filter(({ claimPolicy }) => renamedGroupsAt(claimPolicy, at) !== 'current');
    const hasPaths = applications.some(({ claimPolicy }) => claimPolicy.format === 'path');
    const subgroups = hasPaths ? await subgroupsOf(group.id) : [];
    return ({ name }) =>
      applications.filter(({ claimPolicy: policy }) => {
        if (policy.format === 'id') return false;
        // A path has the names of parent groups too, whatever the prefix, which is one of the group's own names.
        const isInPath = policy.format === 'path' && subgroups.some((each) => letsThrough(policy, each, at));
        return isInPath || (name.startsWith(policy.prefix) && letsThrough(policy, group, at));
      });
  }

  async function subgroupsOf(groupId: Id): Promise<Group[]> {
    const ids = await groups.withSubgroups([groupId], MOST_SUBGROUPS);
    return groups.findMany(ids.filter((id) => id !== groupId));
  }

  return { readersOf };
}
