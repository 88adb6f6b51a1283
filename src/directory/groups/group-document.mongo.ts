import { Schema, type Connection, type Model } from 'mongoose';
import { traitOf, traitsOf } from '../../platform/custom-data.ts';
import { nameKey } from '../../platform/names.ts';
import { beginningWith, between, fold, timeKey, wordKey, type KeyRange } from '../../platform/sort-keys.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { SMALL, type Filter, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import { keysOfNames } from './former-names.ts';
import type { Group } from './group.ts';
import type { GroupCriteria, GroupSort } from './group-search.ts';

export interface GroupDocument extends Omit<Group, 'id'> {
  _id: string;
  /** What makes two names the same. */
  nameKey: string;
  /** The same of its name and its former names: no two groups share one. */
  nameKeys: string[];
  /** Keys that lists are ordered by and words are searched in; no two groups share one. */
  order: { name: string; created: string; updated: string };
  /** Every value in the custom data with its path, for exact search. */
  traits: string[];
}

const order = new Schema({ name: String, created: String, updated: String }, { _id: false });

const schema = new Schema<GroupDocument>(
  {
    _id: String,
    name: String,
    nameKey: String,
    formerNames: { type: [new Schema({ name: String, renamedAt: Date }, { _id: false })], default: undefined },
    nameKeys: { type: [String], default: undefined },
    description: String,
    parentId: String,
    roleIds: [String],
    requiresSecondFactor: Boolean,
    endNoticeDays: Number,
    customData: Schema.Types.Mixed,
    order,
    traits: [String],
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'groups', versionKey: false, minimize: false },
);

const byId = { _id: 1 } as const;
const byNameKey = { nameKey: 1 } as const;
const byOrder = (name: keyof GroupDocument['order']) => ({ [`order.${name}`]: 1 }) as const;
const byRole = { roleIds: 1, 'order.name': 1 } as const;
const byParent = { parentId: 1, 'order.name': 1 } as const;
export const byEndNotice = { endNoticeDays: 1 } as const;
const byTrait = { traits: 1, 'order.name': 1 } as const;

schema.index(byNameKey, { unique: true });
// Sparse, because groups that were stored before there were former names do not have it until they are changed.
schema.index({ nameKeys: 1 }, { unique: true, sparse: true });
for (const name of ['name', 'created', 'updated'] as const) schema.index(byOrder(name));
schema.index(byRole);
schema.index(byTrait);
schema.index(byParent);
schema.index(byEndNotice, { partialFilterExpression: { endNoticeDays: { $exists: true } } });

export function groupModel(connection: Connection): Model<GroupDocument> {
  return modelOf(connection, 'Group', schema);
}

export function toDocument({ id, ...group }: Group): GroupDocument {
  const { name, createdAt, updatedAt } = group;
  return {
    _id: id,
    ...group,
    nameKey: nameKey(name),
    nameKeys: keysOfNames(group),
    order: { name: wordKey([name], id), created: timeKey(createdAt, id), updated: timeKey(updatedAt, id) },
    traits: traitsOf(group.customData),
  };
}

export function toGroup({
  _id,
  nameKey: _key,
  nameKeys: _keys,
  order: _order,
  traits: _traits,
  ...group
}: GroupDocument): Group {
  return {
    id: _id,
    ...group,
    formerNames: group.formerNames ?? [],
    customData: group.customData ?? {},
    roleIds: group.roleIds ?? [],
    requiresSecondFactor: group.requiresSecondFactor ?? false,
  };
}

const orderOf: Record<GroupSort, keyof GroupDocument['order']> = {
  name: 'name',
  created_at: 'created',
  updated_at: 'updated',
};

/** Chooses the index for a search: the one that finds fewest in the wanted order, else the order itself. */
export function planGroupSearch(criteria: GroupCriteria): Search {
  const { q, name, roleId, parentId, scopeGroups, customData, sort, created, updated, descending } = criteria;
  const order = orderOf[sort];
  const heads: { index: Scan['index']; head: Filter }[] = [
    // More than may be looked at and sorted are looked for along the order instead.
    ...(scopeGroups && scopeGroups.length <= SMALL ? [{ index: byId, head: { _id: { $in: scopeGroups } } }] : []),
    ...(name ? [{ index: byNameKey, head: { nameKey: nameKey(name) } }] : []),
    ...(parentId ? [{ index: byParent, head: { parentId } }] : []),
    ...(roleId ? [{ index: byRole, head: { roleIds: roleId } }] : []),
    ...customData.map(({ path, value }) => ({ index: byTrait, head: { traits: traitOf(path, value) } })),
  ];
  const isShort = ({ index }: { index: Scan['index'] }) => index === byNameKey || index === byId;
  // A name has one group at most; the others give the order of names and no other.
  const driver = heads.find((head) => isShort(head) || order === 'name');
  const rest = heads.filter((head) => head !== driver).map(({ head }) => head);
  const scan: Scan = {
    ...(driver ?? { index: byOrder(order), head: {} }),
    key: `order.${order}`,
    range: rangeOf(criteria),
    rest: [
      ...rest,
      ...manyOf(scopeGroups),
      ...otherTime(sort, 'created_at', created),
      ...otherTime(sort, 'updated_at', updated),
    ],
    ...(driver && isShort(driver) ? { isSmall: true } : {}),
  };
  return { scans: [scan], descending, isEverything: heads.length === 0 && !scopeGroups && !scan.range && !q };
}

const manyOf = (ids: string[] | undefined): Filter[] => (ids && ids.length > SMALL ? [{ _id: { $in: ids } }] : []);

function rangeOf({ q, sort, created, updated }: GroupCriteria): KeyRange | undefined {
  if (q) return beginningWith(fold(q));
  const range = { name: undefined, created_at: created, updated_at: updated }[sort];
  return between(range?.after, range?.before);
}

function otherTime(sort: GroupSort, time: GroupSort, range: GroupCriteria['created']): Filter[] {
  const keys = time === sort ? undefined : between(range?.after, range?.before);
  if (!keys) return [];
  const bounds = { ...(keys.from ? { $gte: keys.from } : {}), ...(keys.below ? { $lt: keys.below } : {}) };
  return [{ [`order.${orderOf[time]}`]: bounds }];
}
