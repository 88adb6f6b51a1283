import type { Actor } from '../base/actor.ts';
import type { Id } from '../base/ids.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Group } from '../groups/group.ts';
import type { Person } from '../users/user.ts';
import { MOST_OWNERS, NotAnOwner, TooManyOwners, type MembershipStore } from './membership.ts';

export interface OwnersOptions {
  store: Pick<MembershipStore, 'ownersOf' | 'addOwner' | 'removeOwner'>;
  getUser(id: Id): Promise<Person>;
  getGroup(id: Id): Promise<Group>;
  groupsByIds(ids: Id[]): Promise<Group[]>;
  audit: Audit;
  transact: Transact;
}

/** Who may manage the members of a group in My Account, without being an administrator. */
export function createOwners({ store, getUser, getGroup, groupsByIds, audit, transact }: OwnersOptions) {
  /** @throws GroupNotFound */
  async function ownersOf(groupId: Id): Promise<Person[]> {
    await getGroup(groupId);
    return store.ownersOf(groupId);
  }

  /** @throws GroupNotFound, UserNotFound, TooManyOwners */
  async function addOwner(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    await transact(async () => {
      const [group, person] = [await getGroup(groupId), await getUser(userId)];
      if (!(await store.addOwner(groupId, userId))) return;
      if ((await store.ownersOf(groupId)).length > MOST_OWNERS) throw TooManyOwners();
      await audit.record(actor, 'group.owner_added', target(group), {}, [subjectOf(person)]);
    });
  }

  /** @throws GroupNotFound, UserNotFound, NotAnOwner */
  async function removeOwner(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    await transact(async () => {
      const [group, person] = [await getGroup(groupId), await getUser(userId)];
      if (!(await store.removeOwner(groupId, userId))) throw NotAnOwner();
      await audit.record(actor, 'group.owner_removed', target(group), {}, [subjectOf(person)]);
    });
  }

  /** Ordered by name. */
  async function ownedBy({ ownerOf }: Person): Promise<Group[]> {
    return (await groupsByIds(ownerOf)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return { ownersOf, addOwner, removeOwner, ownedBy };
}

const subjectOf = ({ id, username }: Person) => ({ id, name: username });
const target = ({ id, name }: Group) => ({ kind: 'group', id, name });
