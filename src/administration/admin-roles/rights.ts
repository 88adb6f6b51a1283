import type { Actor } from '../../platform/actor.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { GroupStore } from '../../directory/groups/group.ts';
import type { Person } from '../../directory/users/user.ts';
import { assertMeets, createPolicy, lacking } from './policy.ts';
import { createReach } from './admin-scope.ts';

export interface RightsOptions {
  groups: Pick<GroupStore, 'findMany' | 'childrenOf' | 'rolesOf'>;
  /** Every scope of the admin API. */
  adminScopes(): string[];
}

/** The policy and the admin scopes, and the functions of them that the modules below receive. */
export function createRights({ groups, adminScopes }: RightsOptions) {
  const policy = createPolicy({ knownScopes: adminScopes });
  const reach = createReach({
    groupsByIds: groups.findMany,
    childrenOf: groups.childrenOf,
    rolesOfGroups: groups.rolesOf,
  });
  const mayTouch = (actor: Actor, person: Person): boolean => lacking(actor, policy.touchUser(person)).length === 0;
  /** @throws InsufficientScope */
  const assertMayWrite = (actor: Actor, before: Application | undefined, after: Application | undefined): void =>
    assertMeets(actor, policy.writeApplication(before, after));
  return { policy, reach, mayTouch, assertMayWrite };
}
