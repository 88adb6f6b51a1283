import { originOf } from '../memberships/origin.ts';
import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import { InvalidInput } from '../../platform/errors.ts';
import type { NewId } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { assertKnownGroups, type ExistingGroups } from '../groups/known-groups.ts';
import { toAdministration } from './admin-role.ts';
import { faultsOfAttributes, changedAttributes } from './attributes.ts';
import { assertPossibleAdminRoles } from './administration.ts';
import { OnlyCustomersInGroups, UsernameTaken, type NewUser, type User } from './user.ts';
import type { UserStore } from './user-store.ts';

export interface CreationOptions {
  store: UserStore;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  existingGroups: ExistingGroups;
  /** Of the additional attributes, those that the organization uses. */
  attributesInUse: readonly UserAttribute[];
}

/** A password that was checked against the policy and hashed already. */
export interface FirstPassword {
  hash: string;
  temporary: boolean;
}

export interface Creation {
  user: NewUser;
  password?: FirstPassword | undefined;
}

/** A user to create and, without a password, possibly to invite. */
export interface WantedUser extends Creation {
  isInvited: boolean;
}

/** What became of one of many new users. */
export type CreationOutcome = { outcome: 'created'; user: User } | { outcome: 'username_taken' };

/** Creates users. */
export function createCreation(options: CreationOptions) {
  const { store, audit, transact, newId, now, existingGroups, attributesInUse } = options;

  /**
   * With a password the user is active at once; without one they are invited.
   * @throws UsernameTaken, InvalidInput, UnknownGroup, OnlyCustomersInGroups, OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited
   */
  async function create(actor: Actor, newUser: NewUser, password?: FirstPassword): Promise<User> {
    assertPossibleAttributes([newUser], () => '#');
    assertPossibleAdminRoles({ kind: newUser.kind, ...administrationOf(newUser) });
    return transact(async () => {
      await assertMayBeInGroups([newUser], () => '#');
      const user = userOf(actor, { user: newUser, password });
      const outcome = await store.insert(user, password?.hash);
      if (outcome === 'duplicate') throw usernameTaken();
      await recordCreated(actor, [user]);
      return user;
    });
  }

  /** @throws what `create` would */
  async function check(user: NewUser): Promise<void> {
    assertPossibleAttributes([user], () => '#');
    assertPossibleAdminRoles({ kind: user.kind, ...administrationOf(user) });
    await assertMayBeInGroups([user], () => '#');
    if (await store.findByUsername(user.username)) throw usernameTaken();
  }

  /**
   * Creates those whose username is free; of two with the same one, the first.
   * @throws InvalidInput, UnknownGroup, OnlyCustomersInGroups, OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited
   */
  async function createMany(actor: Actor, wanted: Creation[]): Promise<CreationOutcome[]> {
    const users = wanted.map(({ user }) => user);
    assertPossibleAttributes(users, (index) => `#/users/${index}`);
    return transact(async () => {
      for (const user of users) assertPossibleAdminRoles({ kind: user.kind, ...administrationOf(user) });
      await assertMayBeInGroups(users, (index) => `#/users/${index}`);
      const existing = await store.findManyByUsername(users.map(({ username }) => username));
      const taken = new Set(existing.map(({ username }) => username));
      const created: { user: User; passwordHash?: string | undefined }[] = [];
      const outcomes = wanted.map((each): CreationOutcome => {
        if (taken.has(each.user.username)) return { outcome: 'username_taken' };
        taken.add(each.user.username);
        const user = userOf(actor, each);
        created.push({ user, passwordHash: each.password?.hash });
        return { outcome: 'created', user };
      });
      await store.insertMany(created);
      await recordCreated(
        actor,
        created.map(({ user }) => user),
      );
      return outcomes;
    });
  }

  function userOf(actor: Actor, { user, password }: Creation): User {
    const at = now();
    return {
      id: newId(),
      kind: user.kind,
      username: user.username,
      firstName: user.first_name,
      lastName: user.last_name,
      status: password ? 'active' : 'invited',
      ...(user.picture ? { picture: user.picture } : {}),
      ...(user.locale ? { locale: user.locale } : {}),
      ...(user.zoneinfo ? { zoneinfo: user.zoneinfo } : {}),
      attributes: changedAttributes({}, user),
      customData: user.custom_data,
      ...administrationOf(user),
      ownerOf: [],
      memberships: (user.group_ids ?? []).map((group) => ({ group, ...originOf(actor, at) })),
      passwordIsTemporary: password?.temporary ?? false,
      createdAt: at,
      updatedAt: at,
    };
  }

  /** @throws InvalidInput */
  function assertPossibleAttributes(users: NewUser[], pointerOf: (index: number) => string): void {
    const faults = users.flatMap((user, index) =>
      faultsOfAttributes({}, user, attributesInUse).map(({ field, detail }) => ({
        pointer: `${pointerOf(index)}/${field}`,
        detail,
      })),
    );
    if (faults.length > 0) throw InvalidInput({ faults });
  }

  async function assertMayBeInGroups(users: NewUser[], pointerOf: (index: number) => string): Promise<void> {
    if (users.some(({ kind, group_ids: ids = [] }) => kind !== 'customer' && ids.length > 0))
      throw OnlyCustomersInGroups();
    const named = users.flatMap(({ group_ids: ids, admin_scope: scope }, index) => [
      { ids, pointer: `${pointerOf(index)}/group_ids` },
      { ids: scope?.group_ids, pointer: `${pointerOf(index)}/admin_scope/group_ids` },
    ]);
    await assertKnownGroups(existingGroups, named);
  }

  function recordCreated(actor: Actor, people: User[]): Promise<void> {
    const deeds = people.map(({ id, username, kind, memberships }) => {
      const groups = memberships.length > 0 ? { group_ids: memberships.map(({ group }) => group) } : {};
      return { target: { kind: 'user', id, name: username }, details: { kind, ...groups } };
    });
    return audit.recordEach(actor, 'user.created', deeds);
  }

  return { create, createMany, check };
}

const administrationOf = ({ admin_roles: roles = [], admin_scope: scope }: NewUser) => toAdministration(roles, scope);

const usernameTaken = () => UsernameTaken({ faults: [{ pointer: '#/username', detail: 'belongs to another user' }] });
