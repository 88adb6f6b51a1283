import type { Model, PipelineStage } from 'mongoose';
import { COUNT_CAP } from '../../platform/db/search.mongo.ts';
import type { Id } from '../../platform/ids.ts';
import type { Count } from '../../platform/paging.ts';
import type { UserDocument } from '../users/user-document.mongo.ts';
import { memberFilterAt } from '../users/user-plan.mongo.ts';

/** No group is counted further. */
const COUNTED_TO = COUNT_CAP.alongIndex;

/** How many members each of these groups has at this moment; counted in one command, whatever the number of groups. */
export async function countMembers(Users: Model<UserDocument>, groupIds: Id[], at: Date): Promise<Map<Id, Count>> {
  const [first, ...others] = groupIds;
  if (first === undefined) return new Map();
  const membersOf = await memberFilterAt(Users, at);
  const countOf = (id: Id) => [
    { $match: membersOf(id) },
    { $limit: COUNTED_TO + 1 },
    { $count: 'members' },
    { $set: { group: { $literal: id } } },
  ];
  const { name: coll } = Users.collection;
  const found = await Users.aggregate<{ group: Id; members: number }>([
    ...countOf(first),
    ...others.map((id): PipelineStage => ({ $unionWith: { coll, pipeline: countOf(id) } })),
  ]);
  const members = new Map(found.map((each) => [each.group, each.members]));
  return new Map(groupIds.map((id) => [id, toCount(members.get(id) ?? 0)]));
}

const toCount = (members: number): Count =>
  members > COUNTED_TO ? { value: COUNTED_TO, relation: 'at_least' } : { value: members, relation: 'exact' };
