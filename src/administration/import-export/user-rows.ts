import { isDeepStrictEqual } from 'node:util';
import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Policy, UserState } from '../admin-roles/policy.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CustomData } from '../../platform/custom-data.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import type { Group } from '../../directory/groups/group.ts';
import { changedAttributes } from '../../directory/users/attributes.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import { originOf } from '../../directory/memberships/origin.ts';
import { hasEnded, type Membership } from '../../directory/memberships/period.ts';
import type { GroupNames } from './group-names.ts';
import { createFindGroups, type GroupsOfRows } from './groups-of-rows.ts';
import { toMembership, withPeriodOf } from './membership-row.ts';
import { pastOf } from './past-memberships.ts';
import {
  customDataOf,
  faultsOfNeeds,
  ifChanged,
  type Changes,
  type ImportOptions,
  type Kind,
  type Settled,
  type RecordStore,
} from './record-type.ts';
import { faultsOf, statusOf } from './user-row-faults.ts';
import {
  presentStoredUser,
  userColumns,
  userRowShape,
  userSecretColumns,
  wantedGroups,
  type StoredUser,
  type UserRow,
} from './user-row.ts';

export interface UserRowsOptions {
  store: RecordStore<StoredUser>;
  groups: Pick<RecordStore<Group>, 'find' | 'insert'>;
  pathsByFormerName: GroupNames['pathsByFormerName'];
  /** Writes down memberships that end or change. Joins the caller's transaction. */
  recordPast: Memberships['recordPast'];
  newId: NewId;
  now: Clock;
  policy: Pick<Policy, 'writeUser' | 'powersOfUser'>;
  attributesInUse: readonly UserAttribute[];
  /** Ends every session and token of these users. */
  signOut(userIds: Id[]): Promise<void>;
}

/** What the rows of one batch share. */
interface Batch extends GroupsOfRows {
  options: ImportOptions;
  actor: Actor;
}

export function userRows(options: UserRowsOptions): Kind<UserRow, StoredUser> {
  const { store, groups, pathsByFormerName, recordPast, newId, now, policy, attributesInUse, signOut } = options;
  const findGroups = createFindGroups({ groups, pathsByFormerName, newId, now });

  function settle(row: UserRow, existing: StoredUser | undefined, batch: Batch): Settled<StoredUser> {
    const { data, faults } = customDataOf(row, existing?.customData ?? {});
    const stateOf = (user: StoredUser): UserState => ({ ...user, groupIds: groupIds(user) });
    const before = existing && stateOf(existing);
    const refused = (after: UserState) => faultsOfNeeds(batch.actor, policy.writeUser(batch.actor, before, after));
    const all = [
      ...faults,
      ...faultsOf(row, existing, { groups: batch.groups, renamed: batch.renamed, attributesInUse }),
    ];
    if (all.length > 0) return { faults: [...refused(before ?? withoutGroups(row)), ...all] };
    const thing = toThing(row, existing, { data, batch });
    const refusals = refused(stateOf(thing));
    if (refusals.length > 0) return { faults: refusals };
    return { thing: existing && isDeepStrictEqual(existing, thing) ? existing : thing };
  }

  function toThing(
    row: UserRow,
    existing: StoredUser | undefined,
    { data, batch }: { data: CustomData; batch: Batch },
  ): StoredUser {
    const memberships = join(existing?.memberships ?? [], row, batch);
    const ownerOf = owned(row, existing?.ownerOf ?? [], batch);
    if (!existing) return { ...create(row, data, memberships), ownerOf, ...limitOf(row, batch) };
    return { ...change(row, existing, data), memberships, ownerOf };
  }

  function create(row: UserRow, customData: CustomData, memberships: Membership[]): StoredUser {
    const at = now();
    const createdAt = row.created_at ?? at;
    const user: StoredUser = {
      id: row.user_id ?? newId(),
      kind: row.kind ?? 'customer',
      username: row.username,
      firstName: row.first_name ?? '',
      lastName: row.last_name ?? '',
      status: row.status ?? (row.password_hash ? 'active' : 'invited'),
      attributes: changedAttributes({}, row),
      customData,
      ownerOf: [],
      adminRoles: row.admin_roles ?? [],
      memberships,
      passwordIsTemporary: false,
      createdAt,
      updatedAt: row.updated_at ?? at,
      ...(row.last_sign_in_at ? { lastSignInAt: row.last_sign_in_at } : {}),
      ...passwordOf(row, createdAt),
    };
    return withProfile(user, row);
  }

  /** Being in a group is not a change of the user, whose time of change stays as it is. */
  function change(row: UserRow, existing: StoredUser, customData: CustomData): StoredUser {
    const changed = {
      ...existing,
      firstName: row.first_name ?? existing.firstName,
      lastName: row.last_name ?? existing.lastName,
      attributes: changedAttributes(existing.attributes, row),
      customData,
      ...(existing.password ? {} : passwordOf(row, now())),
    };
    return ifChanged(existing, withProfile({ ...changed, status: statusOf(row, changed) }, row), now());
  }

  /** The memberships that stay, in their order, and after them those that the row adds. */
  function join(before: Membership[], row: UserRow, { options, actor, groups: known }: Batch): Membership[] {
    if (!row.groups) return before;
    const at = now();
    const wanted = new Map([...wantedGroups(row)].map(([key, value]) => [known.get(key)!.id, value]));
    const existing = before.filter((each) => !hasEnded(each, at));
    const stay = existing.flatMap((each) => {
      const said = wanted.get(each.group);
      if (said) return [withPeriodOf(said, each)];
      return options.memberships === 'replace' ? [] : [each];
    });
    for (const { group } of existing) wanted.delete(group);
    return [...stay, ...[...wanted].map(([group, value]) => toMembership(group, value, originOf(actor, at)))];
  }

  /** What they own stays, and the row adds to it. */
  const owned = ({ owner_of: names = [] }: UserRow, current: Id[], { groups: known }: Batch): Id[] => [
    ...new Set([...current, ...names.map((name) => known.get(nameKey(name))!.id)]),
  ];

  const limitOf = ({ admin_groups: names }: UserRow, { groups: known }: Batch) =>
    names?.length ? { adminScope: names.map((name) => known.get(nameKey(name))!.id) } : {};

  async function signOutDisabled({ updated }: Changes<StoredUser>): Promise<void> {
    const disabled = updated.filter(({ before, after }) => after.status === 'disabled' && before.status !== 'disabled');
    await signOut(disabled.map(({ after }) => after.id));
  }

  // What is left when a node was killed after it had disabled them must not come back to life.
  async function signOutEnabled({ updated }: Changes<StoredUser>): Promise<void> {
    const enabled = updated.filter(({ before, after }) => before.status === 'disabled' && after.status !== 'disabled');
    await signOut(enabled.map(({ after }) => after.id));
  }

  async function present(people: StoredUser[]): Promise<Record<string, unknown>[]> {
    const ids = new Set(
      people.flatMap(({ memberships, ownerOf, adminScope = [] }) => [
        ...ownerOf,
        ...adminScope,
        ...groupIds({ memberships }),
      ]),
    );
    const found = ids.size > 0 ? await groups.find([], [...ids]) : [];
    const known = new Map(found.map((group) => [group.id, group]));
    return people.map((user) => presentStoredUser(user, known));
  }

  return {
    columns: userColumns,
    secretColumns: userSecretColumns,
    shape: userRowShape,
    identify: (row) => ({ key: row.username, id: row.user_id }),
    identityOf: ({ id, username }) => ({ key: username, id, name: username }),
    store,
    powersOf: (user) => (user.password ? policy.powersOfUser(user) : []),
    async plan(rows, { options, actor }) {
      const batch: Batch = { options, actor, ...(await findGroups(rows, options)) };
      const groupsToMake = ({ created, updated }: Changes<StoredUser>) => {
        const people = [...created, ...updated.map(({ after }) => after)];
        const joined = new Set(people.flatMap(groupIds));
        // A group that only a faulty row names is not made.
        return batch.newGroups.filter(({ id }) => joined.has(id));
      };
      return {
        settle: (row, existing) => settle(row, existing, batch),
        writeFirst: (changes) => groups.insert(groupsToMake(changes)),
        async writeLast(changes) {
          for (const past of pastOf(changes))
            await recordPast(past.members, { closing: past.closing, endedBy: actor.id });
          await signOutEnabled(changes);
        },
        afterwards: signOutDisabled,
        details: (changes) => ({ groups_created: groupsToMake(changes).map(({ id, name }) => ({ id, name })) }),
      };
    },
    present,
  };
}

/** Of all memberships: one that begins later needs the same rights, and the same groups, as one of now. */
const groupIds = ({ memberships }: Pick<StoredUser, 'memberships'>): Id[] => memberships.map(({ group }) => group);

/** As much of a new user as a row says that has faults. */
const withoutGroups = ({
  kind = 'customer',
  admin_roles: adminRoles = [],
  admin_groups: limits = [],
}: UserRow): UserState => ({
  kind,
  adminRoles,
  ownerOf: [],
  groupIds: [],
  adminScope: limits.length > 0 ? limits : undefined,
});

const PROFILE = ['picture', 'locale', 'zoneinfo'] as const;

/** With what the row gives of the profile, and without what it takes away. */
function withProfile<T extends Pick<StoredUser, (typeof PROFILE)[number]>>(user: T, row: UserRow): T {
  const changed = { ...user };
  for (const field of PROFILE) {
    const value = row[field];
    if (value === null) delete changed[field];
    else if (value !== undefined) changed[field] = value;
  }
  return changed;
}

function passwordOf(row: UserRow, changedAt: Date): Partial<Pick<StoredUser, 'password' | 'passwordIsTemporary'>> {
  if (!row.password_hash) return {};
  const temporary = row.password_is_temporary ?? false;
  return {
    password: { hash: row.password_hash, temporary, changedAt: row.password_changed_at ?? changedAt },
    passwordIsTemporary: temporary,
  };
}
