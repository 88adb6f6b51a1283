import { isDeepStrictEqual } from 'node:util';
import { holds, type Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { CustomData } from '../base/custom-data.ts';
import type { Id, NewId } from '../base/ids.ts';
import { nameKey } from '../base/names.ts';
import type { Group } from '../groups/group.ts';
import { LIMITABLE_ROLES } from '../users/admin-role.ts';
import type { Membership, Status } from '../users/user.ts';
import {
  customDataOf,
  ifChanged,
  type Changes,
  type ImportOptions,
  type Kind,
  type Settled,
  type ThingStore,
} from './kind.ts';
import type { RowFault } from './row.ts';
import {
  presentStoredPerson,
  userColumns,
  userRowShape,
  userSecretColumns,
  wantedGroups,
  type StoredPerson,
  type UserRow,
} from './user-row.ts';

export interface UserRowsOptions {
  store: ThingStore<StoredPerson>;
  groups: Pick<ThingStore<Group>, 'find' | 'insert'>;
  newId: NewId;
  now: Clock;
  /** Ends every session and token of these people. */
  signOut(userIds: Id[]): Promise<void>;
}

/** What the rows of one batch share. */
interface Batch {
  options: ImportOptions;
  actor: Actor;
  /** By the key of their names, also those that are to be made. */
  groups: Map<string, Group>;
  newGroups: Group[];
}

export function userRows({ store, groups, newId, now, signOut }: UserRowsOptions): Kind<UserRow, StoredPerson> {
  function settle(row: UserRow, existing: StoredPerson | undefined, batch: Batch): Settled<StoredPerson> {
    const { data, faults } = customDataOf(row, existing?.customData ?? {});
    const all = [...faults, ...faultsOf(row, existing, batch)];
    if (all.length > 0) return { faults: all };
    const memberships = join(existing?.memberships ?? [], row, batch);
    const ownerOf = owned(row, existing?.ownerOf ?? [], batch);
    if (!existing) return { thing: { ...create(row, data, memberships), ownerOf, ...limitOf(row, batch) } };
    const changed = { ...change(row, existing, data), memberships, ownerOf };
    return { thing: isDeepStrictEqual(existing, changed) ? existing : changed };
  }

  function create(row: UserRow, customData: CustomData, memberships: Membership[]): StoredPerson {
    const at = now();
    const createdAt = row.created_at ?? at;
    return {
      id: row.user_id ?? newId(),
      kind: row.kind ?? 'customer',
      username: row.username,
      firstName: row.first_name ?? '',
      lastName: row.last_name ?? '',
      status: row.status ?? (row.password_hash ? 'active' : 'invited'),
      customData,
      ownerOf: [],
      adminRoles: row.admin_roles ?? [],
      memberships,
      passwordIsTemporary: false,
      createdAt,
      updatedAt: row.updated_at ?? at,
      ...(row.last_sign_in_at ? { lastSignInAt: row.last_sign_in_at } : {}),
      ...profileOf(row),
      ...passwordOf(row, createdAt),
    };
  }

  /** Being in a group is not a change of the person, whose time of change stays as it is. */
  function change(row: UserRow, existing: StoredPerson, customData: CustomData): StoredPerson {
    const changed = {
      ...existing,
      firstName: row.first_name ?? existing.firstName,
      lastName: row.last_name ?? existing.lastName,
      customData,
      ...profileOf(row),
      ...(existing.password ? {} : passwordOf(row, now())),
    };
    return ifChanged(existing, { ...changed, status: statusOf(row, changed) }, now());
  }

  /** The memberships that stay, in their order, and behind them those that the row adds. */
  function join(current: Membership[], row: UserRow, { options, actor, groups: known }: Batch): Membership[] {
    if (!row.groups) return current;
    const wanted = new Map([...wantedGroups(row)].map(([key, value]) => [known.get(key)!.id, value]));
    const stay = options.memberships === 'replace' ? current.filter(({ group }) => wanted.has(group)) : current;
    for (const { group } of current) wanted.delete(group);
    const added = [...wanted].map(([group, { since = now(), by = actor.id }]) => ({ group, since, by }));
    return [...stay, ...added];
  }

  /** What they own stays, and the row adds to it. */
  const owned = ({ owner_of: names = [] }: UserRow, current: Id[], { groups: known }: Batch): Id[] => [
    ...new Set([...current, ...names.map((name) => known.get(nameKey(name))!.id)]),
  ];

  const limitOf = ({ admin_groups: names }: UserRow, { groups: known }: Batch) =>
    names?.length ? { limitedTo: names.map((name) => known.get(nameKey(name))!.id) } : {};

  async function findGroups(rows: UserRow[], options: ImportOptions): Promise<Pick<Batch, 'groups' | 'newGroups'>> {
    const wanted = wantedGroups(...rows);
    const others = rows.flatMap(({ owner_of: owned = [], admin_groups: limits = [] }) => [...owned, ...limits]);
    const keys = [...new Set([...wanted.keys(), ...others.map(nameKey)])];
    const found = keys.length > 0 ? await groups.find(keys, []) : [];
    const known = new Map(found.map((group) => [nameKey(group.name), group]));
    const missing = options.createGroups ? [...wanted].filter(([key]) => !known.has(key)) : [];
    const newGroups = missing.map(([, { group: name }]) => newGroup(name));
    for (const group of newGroups) known.set(nameKey(group.name), group);
    return { groups: known, newGroups };
  }

  function newGroup(name: string): Group {
    const at = now();
    const bare = { description: '', roleIds: [], requiresSecondFactor: false, customData: {} };
    return { id: newId(), name, ...bare, createdAt: at, updatedAt: at };
  }

  async function signOutDisabled({ updated }: Changes<StoredPerson>): Promise<void> {
    const disabled = updated.filter(({ before, after }) => after.status === 'disabled' && before.status !== 'disabled');
    await signOut(disabled.map(({ after }) => after.id));
  }

  // What is left when a node was killed after it had disabled them must not come back to life.
  async function signOutEnabled({ updated }: Changes<StoredPerson>): Promise<void> {
    const enabled = updated.filter(({ before, after }) => before.status === 'disabled' && after.status !== 'disabled');
    await signOut(enabled.map(({ after }) => after.id));
  }

  async function present(people: StoredPerson[]): Promise<Record<string, unknown>[]> {
    const ids = new Set(
      people.flatMap(({ memberships, ownerOf, limitedTo = [] }) => [
        ...ownerOf,
        ...limitedTo,
        ...memberships.map(({ group }) => group),
      ]),
    );
    const found = ids.size > 0 ? await groups.find([], [...ids]) : [];
    const known = new Map(found.map((group) => [group.id, group]));
    return people.map((person) => presentStoredPerson(person, known));
  }

  return {
    columns: userColumns,
    secretColumns: userSecretColumns,
    shape: userRowShape,
    identify: (row) => ({ key: row.username, id: row.user_id }),
    identityOf: ({ id, username }) => ({ key: username, id, name: username }),
    store,
    async plan(rows, { options, actor }) {
      const batch: Batch = { options, actor, ...(await findGroups(rows, options)) };
      const groupsToMake = ({ created, updated }: Changes<StoredPerson>) => {
        const people = [...created, ...updated.map(({ after }) => after)];
        const joined = new Set(people.flatMap(({ memberships }) => memberships.map(({ group }) => group)));
        // A group that only a faulty row names is not made.
        return batch.newGroups.filter(({ id }) => joined.has(id));
      };
      return {
        settle: (row, existing) => settle(row, existing, batch),
        writeFirst: (changes) => groups.insert(groupsToMake(changes)),
        writeLast: signOutEnabled,
        afterwards: signOutDisabled,
        details: (changes) => ({ groups_created: groupsToMake(changes).map(({ id, name }) => ({ id, name })) }),
      };
    },
    present,
  };
}

function faultsOf(row: UserRow, existing: StoredPerson | undefined, { actor, groups }: Batch): RowFault[] {
  const kind = existing?.kind ?? row.kind ?? 'customer';
  const faults = [...wantedGroups(row)]
    .filter(([key]) => !groups.has(key))
    .map(([, { group }]) => ({ column: 'groups', reason: `there is no group '${group}'` }));
  const fault = (column: string, reason: string) => faults.push({ column, reason });
  for (const name of row.owner_of ?? [])
    if (!groups.has(nameKey(name))) fault('owner_of', `there is no group '${name}'`);
  for (const name of row.admin_groups ?? [])
    if (!groups.has(nameKey(name))) fault('admin_groups', `there is no group '${name}'`);
  if (row.kind && row.kind !== kind) fault('kind', `never changes, and this user is ${withArticle(kind)}`);
  if (kind === 'administrator' && !holds(actor, 'administrators:write'))
    fault('kind', 'cannot be administrator without the scope administrators:write');
  if (kind === 'customer' && (row.admin_roles ?? []).length > 0) fault('admin_roles', 'must be empty for a customer');
  const isLimited = (row.admin_groups ?? []).length > 0;
  if (isLimited && !(row.admin_roles ?? []).every((role) => LIMITABLE_ROLES.includes(role)))
    fault('admin_groups', `must be empty but for the roles ${LIMITABLE_ROLES.join(', ')}`);
  if (kind === 'customer' && isLimited) fault('admin_groups', 'must be empty for a customer');
  if (kind === 'administrator' && wantedGroups(row).size > 0)
    fault('groups', 'must be empty for an administrator, who cannot be a member of a group');
  if (existing && kind === 'administrator' && row.status && statusOf(row, existing) !== existing.status)
    fault('status', 'of an administrator who is there already is not changed by an import');
  if (row.status === 'invited' && row.password_hash)
    fault('status', 'must be active or disabled for a user with a password');
  return faults;
}

const withArticle = (kind: string) => (kind === 'administrator' ? 'an administrator' : 'a customer');

/**
 * Disabled or not is the row's to say. Between invited and active the person decides, who may have accepted the invitation
 * since the file was written.
 */
function statusOf(row: UserRow, person: StoredPerson): Status {
  if (row.status === 'disabled') return 'disabled';
  if (person.status === 'disabled') return row.status ? (person.password ? 'active' : row.status) : 'disabled';
  return person.password ? 'active' : person.status;
}

/** What the row gives of the profile; it takes nothing away. */
function profileOf({
  picture,
  locale,
  zoneinfo,
}: UserRow): Partial<Pick<StoredPerson, 'picture' | 'locale' | 'zoneinfo'>> {
  return {
    ...(picture ? { picture } : {}),
    ...(locale ? { locale } : {}),
    ...(zoneinfo ? { zoneinfo } : {}),
  };
}

function passwordOf(row: UserRow, changedAt: Date): Partial<Pick<StoredPerson, 'password' | 'passwordIsTemporary'>> {
  if (!row.password_hash) return {};
  const temporary = row.password_is_temporary ?? false;
  return {
    password: { hash: row.password_hash, temporary, changedAt: row.password_changed_at ?? changedAt },
    passwordIsTemporary: temporary,
  };
}
