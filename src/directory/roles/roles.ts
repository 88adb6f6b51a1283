import type { Actor } from '../../platform/actor.ts';
import { changedFields, pickFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { Ref } from '../../platform/impact.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import {
  presentRole,
  RoleNameTaken,
  RoleNotFound,
  type NewRole,
  type Role,
  type RoleChange,
  type RoleCriteria,
  type RoleStore,
} from './role.ts';

export interface RolesOptions {
  store: RoleStore;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  /** The roles that this process knows. */
  cache: Pick<WatchedCache<Role>, 'getMany' | 'forget' | 'version'>;
  /** Deletes what all modules keep about something; runs in the transaction that deletes it. */
  onDelete(ref: Ref): Promise<void>;
}

export type Roles = ReturnType<typeof createRoles>;

export function createRoles({ store, audit, transact, newId, now, cache, onDelete }: RolesOptions) {
  /** @throws RoleNameTaken */
  async function create(actor: Actor, wanted: NewRole): Promise<Role> {
    const { name, description, requires_second_factor: requiresSecondFactor } = wanted;
    const at = now();
    const role: Role = { id: newId(), name, description, requiresSecondFactor, createdAt: at, updatedAt: at };
    return transact(async () => {
      if ((await store.insert(role)) === 'duplicate') throw nameTaken();
      await audit.record(actor, 'role.created', target(role));
      return role;
    });
  }

  /** @throws RoleNotFound */
  async function get(id: Id): Promise<Role> {
    const role = await store.find(id);
    if (!role) throw RoleNotFound();
    return role;
  }

  /** Ordered by name. */
  const list = (criteria: RoleCriteria, page: PageRequest): Promise<Page<Role>> => store.list(criteria, page);

  /** @throws RoleNotFound, RoleNameTaken */
  async function update(actor: Actor, id: Id, change: RoleChange): Promise<Role> {
    const work = async () => {
      const before = await get(id);
      const fields = changedFields(change, presentRole(before));
      if (fields.length === 0) return before;
      const outcome = await store.update(id, pickFields(change, fields), now());
      if (outcome === 'duplicate') throw nameTaken();
      if (outcome === 'missing') throw RoleNotFound();
      await audit.record(actor, 'role.updated', target(outcome), { fields });
      return outcome;
    };
    return transact(work, () => cache.forget(id));
  }

  /** Taken from every group that has it. @throws RoleNotFound */
  async function remove(actor: Actor, id: Id): Promise<void> {
    const work = async () => {
      const role = await store.remove(id);
      if (!role) throw RoleNotFound();
      await onDelete({ kind: 'role', id });
      await audit.record(actor, 'role.deleted', target(role));
    };
    await transact(work, () => cache.forget(id));
  }

  return {
    create,
    get,
    find: store.find,
    findMany: store.findMany,
    cached: cache.getMany,
    forget: cache.forget,
    version: cache.version,
    list,
    update,
    remove,
  };
}

const nameTaken = () => RoleNameTaken({ faults: [{ pointer: '#/name', detail: 'belongs to another role' }] });

function target(role: Role) {
  return { kind: 'role', id: role.id, name: role.name };
}
