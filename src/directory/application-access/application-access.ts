import type { Count, Page, PageRequest } from '../../platform/paging.ts';
import type { Id } from '../../platform/ids.ts';
import type { AccessRule } from '../applications/access-rule.ts';
import type { Application } from '../applications/application.ts';
import type { Group } from '../groups/group.ts';
import { lineOf } from '../groups/group-path.ts';
import { mayEnd as oneMayEnd } from '../memberships/claimed.ts';
import { endsOfGroups, type End } from '../memberships/ends.ts';
import type { Membership } from '../memberships/period.ts';
import { everybody, type UserCriteria } from '../users/user-search.ts';
import { STATUSES, type User } from '../users/user.ts';

export interface ApplicationAccessOptions {
  /** The memberships that a user has now. */
  current(user: User): Membership[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  /** These groups and their subgroups, at most `limit`. */
  withSubgroups(ids: Id[], limit: number): Promise<Id[]>;
  searchUsers(criteria: UserCriteria, page: PageRequest): Promise<Page<User>>;
}

export const ACCESS_REASONS = ['everyone', 'member', 'not_a_member', 'disabled'] as const;

/** Whether a user may sign in to an application, and why. */
export interface AccessOfUser {
  hasAccess: boolean;
  reason: (typeof ACCESS_REASONS)[number];
  /** The groups that give access, also through a subgroup. */
  groups: Group[];
}

export type ApplicationAccess = ReturnType<typeof createApplicationAccess>;

/** More subgroups than this are not listed; whether a user has access is decided without a limit. */
const MOST_GROUPS = 1000;

const NOT_DISABLED = STATUSES.filter((status) => status !== 'disabled');

/** Who may sign in to an application, decided by the memberships of now. */
export function createApplicationAccess(options: ApplicationAccessOptions) {
  const { current, groupsByIds, withSubgroups, searchUsers } = options;

  /** The groups that give a user access, directly or through a subgroup. */
  async function givenBy(user: User, { groupIds: wanted = [] }: AccessRule): Promise<Group[]> {
    const groups = await groupsByIds(current(user).map(({ group }) => group));
    return groups.filter(({ id }) => wanted.includes(id));
  }

  async function mayAccess(user: User, { access }: Pick<Application, 'access'>): Promise<boolean> {
    return !access?.groupIds || (await givenBy(user, access)).length > 0;
  }

  const mayEnd = oneMayEnd({ current });

  /**
   * When the last of the memberships of now ends that give a user access; Infinity for never. A membership that has not begun
   * promises nothing: it can still be taken back.
   */
  async function endsAt(user: User, { access }: Pick<Application, 'access'>): Promise<End> {
    if (!access?.groupIds || !mayEnd(user)) return Infinity;
    const present = current(user);
    const ends = endsOfGroups(present, await groupsByIds(present.map(({ group }) => group)));
    return Math.max(0, ...access.groupIds.map((id) => ends.get(id) ?? 0));
  }

  /** Whether each of some users has access, and why; under the same ID. */
  async function ofUsers(users: User[], rule: AccessRule): Promise<Map<Id, AccessOfUser>> {
    const direct = new Map(users.map((user) => [user.id, current(user).map(({ group }) => group)]));
    const known = rule.groupIds ? await groupsByIds([...new Set([...direct.values()].flat())]) : [];
    const byId = new Map(known.map((group) => [group.id, group]));
    const groupOf = (id: Id) => byId.get(id);
    return new Map(
      users.map((user) => {
        const lines = direct.get(user.id)!.flatMap((id) => (byId.has(id) ? lineOf(byId.get(id)!, groupOf) : []));
        const groups = [...new Set(lines)].filter(({ id }) => rule.groupIds?.includes(id));
        return [user.id, accessOf(user, rule, groups)];
      }),
    );
  }

  const criteriaOf = async ({ groupIds: wanted }: AccessRule): Promise<UserCriteria> => ({
    ...everybody,
    statuses: NOT_DISABLED,
    ...(wanted ? { inAnyGroup: await withSubgroups(wanted, MOST_GROUPS) } : {}),
  });

  /** The users with access, ordered by email. */
  const usersWith = async (rule: AccessRule, page: PageRequest): Promise<Page<User>> =>
    searchUsers(await criteriaOf(rule), page);

  /** The users without access, ordered by email. */
  async function usersWithout(rule: AccessRule, page: PageRequest): Promise<Page<User>> {
    const criteria: UserCriteria = rule.groupIds
      ? { ...everybody, withoutAccessBy: await withSubgroups(rule.groupIds, MOST_GROUPS) }
      : { ...everybody, status: 'disabled' };
    const found = await searchUsers(criteria, page);
    // More subgroups than are searched can give access too.
    const access = await ofUsers(found.items, rule);
    return { ...found, items: found.items.filter(({ id }) => !access.get(id)!.hasAccess) };
  }

  /** How many users have access under the one rule and not under the other, and some of them. */
  async function usersLosing(
    before: AccessRule,
    after: AccessRule,
    limit: number,
  ): Promise<{ count: Count; users: User[] }> {
    if (!after.groupIds) return { count: { value: 0, relation: 'exact' }, users: [] };
    const notInAnyGroup = await withSubgroups(after.groupIds, MOST_GROUPS);
    const criteria = { ...(await criteriaOf(before)), notInAnyGroup };
    const { items, count } = await searchUsers(criteria, { list: '', limit, withCount: true });
    return { count: count!, users: items };
  }

  return { mayAccess, mayEnd, endsAt, ofUsers, usersWith, usersWithout, usersLosing };
}

function accessOf({ status }: User, rule: AccessRule, groups: Group[]): AccessOfUser {
  if (status === 'disabled') return { hasAccess: false, reason: 'disabled', groups };
  if (!rule.groupIds) return { hasAccess: true, reason: 'everyone', groups };
  const hasAccess = groups.length > 0;
  return { hasAccess, reason: hasAccess ? 'member' : 'not_a_member', groups };
}
