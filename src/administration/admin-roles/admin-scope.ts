import type { Actor } from '../../platform/actor.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import type { Id } from '../../platform/ids.ts';
import { withChildren, withParents } from '../../directory/groups/ancestry.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { UserCriteria } from '../../directory/users/user-search.ts';

/** More would make every list as long as the list of its groups. */
const MOST_GROUPS = 5000;

/** Roles are few, however many groups have them. */
const MOST_GROUPS_WITH_ROLES = 100_000;

export interface AdminScopeOptions {
  groupsByIds(ids: Id[]): Promise<Group[]>;
  childrenOf(ids: Id[], limit: number): Promise<Id[]>;
  /** Of these groups, the roles that at least one has. */
  rolesOfGroups(ids: Id[]): Promise<Id[]>;
}

/** Which of some groups are within the admin scope. */
export interface Parted {
  within: Set<Id>;
  beyond: Set<Id>;
}

export type AdminScope = ReturnType<typeof createAdminScope>;

/** The admin scope of an administrator: some groups and their subgroups. */
export function createAdminScope({ groupsByIds, childrenOf, rolesOfGroups }: AdminScopeOptions) {
  /** These groups, divided into those within the admin scope and the others. A deleted group is in neither. */
  async function part({ adminScope }: Pick<Actor, 'adminScope'>, ids: readonly Id[]): Promise<Parted> {
    if (!adminScope) return { within: new Set(ids), beyond: new Set() };
    const groups = await withParents([...ids], groupsByIds);
    const parents = new Map(groups.map(({ id, parentId }) => [id, parentId]));
    const limits = new Set(adminScope);
    const there = ids.filter((id) => parents.has(id));
    const within = new Set(there.filter((id) => climbs(id, parents, limits)));
    return { within, beyond: new Set(there.filter((id) => !within.has(id))) };
  }

  /**
   * All groups of the admin scope, for lists; undefined without one, and where the group that was asked for is enough of a
   * limit.
   * @throws UnsupportedSearch
   */
  async function scopeGroups(actor: Actor, inGroup?: Id): Promise<Id[] | undefined> {
    const { adminScope } = actor;
    if (!adminScope) return undefined;
    if (inGroup && (await part(actor, [inGroup])).within.size > 0) return undefined;
    const ids = await withChildren([...adminScope], childrenOf, MOST_GROUPS + 1);
    if (ids.length <= MOST_GROUPS) return ids;
    throw UnsupportedSearch({
      detail: `Your admin scope has more than ${MOST_GROUPS} groups. Search within one of them.`,
    });
  }

  /**
   * A search for users that finds only those whom an actor may see. A group outside of the admin scope is not there for it:
   * nobody is found in it, nor left out because of it, nor found by a role that it has.
   * @throws UnsupportedSearch
   */
  async function visibleUsers(actor: Actor, criteria: UserCriteria): Promise<UserCriteria> {
    if (!actor.adminScope) return criteria;
    const { inGroup, notInGroup, roleId } = criteria;
    const { within } = await part(
      actor,
      [inGroup, notInGroup].flatMap((id) => id ?? []),
    );
    if (inGroup && !within.has(inGroup)) return { ...criteria, scopeGroups: [] };
    const shown = notInGroup && !within.has(notInGroup) ? { ...criteria, notInGroup: undefined } : criteria;
    return { ...shown, scopeGroups: await scopeGroups(actor, roleId ? undefined : inGroup) };
  }

  /** Of these groups, those that an actor may see: with an admin scope, the ones inside it, and never the name of another. */
  async function visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]> {
    if (!actor.adminScope) return groups;
    const ids = groups.map(({ id }) => id);
    const { within } = await part(actor, ids);
    return groups.filter(({ id }) => within.has(id));
  }

  /** The roles that an actor may see: with an admin scope, those of the groups inside it. Undefined for all roles. */
  async function visibleRoles({ adminScope }: Actor): Promise<Set<Id> | undefined> {
    if (!adminScope) return undefined;
    const ids = await withChildren([...adminScope], childrenOf, MOST_GROUPS_WITH_ROLES);
    return new Set(await rolesOfGroups(ids));
  }

  return { part, scopeGroups, visibleUsers, visibleGroups, visibleRoles };
}

/** Whether one of the `wanted` is met on the way from a group to the outermost one. */
function climbs(from: Id, parents: Map<Id, Id | undefined>, wanted: Set<Id>): boolean {
  const seen = new Set<Id>();
  for (let id: Id | undefined = from; id && parents.has(id) && !seen.has(id); id = parents.get(id)) {
    if (wanted.has(id)) return true;
    seen.add(id);
  }
  return false;
}
