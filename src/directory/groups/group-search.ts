import { z } from 'zod';
import {
  customDataOf,
  customDataShape,
  faultsOfCustomData,
  searchText,
  timeParameter,
  UnsupportedSearch,
  type CustomDataCriterion,
  type TimeRange,
} from '../../platform/criteria.ts';
import type { Fault } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';

const GROUP_SORTS = ['name', 'created_at', 'updated_at'] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];

/** What groups are searched by. Everything given must hold. */
export interface GroupCriteria {
  /** A prefix of the name; folded. */
  q?: string | undefined;
  name?: string | undefined;
  roleId?: Id | undefined;
  /** Direct subgroups of this group. */
  parentId?: Id | undefined;
  /** Only these groups are visible to the actor. */
  scopeGroups?: Id[] | undefined;
  customData: CustomDataCriterion[];
  created?: TimeRange | undefined;
  updated?: TimeRange | undefined;
  sort: GroupSort;
  descending: boolean;
}

const time = timeParameter.optional();
const sorts = GROUP_SORTS.flatMap((sort) => [sort, `-${sort}`] as const);

const fields = {
  q: searchText.optional().meta({ description: 'Start of the name, ignoring case and accents.' }),
  name: searchText.optional().meta({ description: 'Exact name, ignoring case.' }),
  role_id: idShape.optional().meta({ description: 'Only groups with this role.' }),
  parent_id: idShape.optional().meta({ description: 'Only direct subgroups of this group.' }),
  created_after: time.meta({ description: 'Created at or after this time, in Unix seconds.' }),
  created_before: time.meta({ description: 'Created before this time.' }),
  updated_after: time.meta({ description: 'Changed at or after this time.' }),
  updated_before: time.meta({ description: 'Changed before this time.' }),
  sort: z.enum(sorts).optional().meta({
    description: 'Sort field; prefix with - for descending. With a time range, results are sorted by that time.',
  }),
};

type Query = z.output<z.ZodObject<typeof fields>> & Record<string, unknown>;

/** The shape of a query that searches groups: these parameters, those in `more`, and any `custom_data.<path>`. */
export function groupSearchShape<More extends z.ZodRawShape>(more: More) {
  return customDataShape(z.object({ ...fields, ...more }).catchall(z.string().max(1000)));
}

/** Every group, in the order of their names. */
export const everyGroup: GroupCriteria = { customData: [], sort: 'name', descending: false };

/** The name of the list for its cursors: one in another order must not be taken. */
export function listOfGroups({ sort, descending }: GroupCriteria): string {
  return `groups:${descending ? '-' : ''}${sort}`;
}

/** What a query asks for, in an order that can be given at once. @throws UnsupportedSearch */
export function toGroupCriteria(query: Query): GroupCriteria {
  const created = rangeOf(query.created_after, query.created_before);
  const updated = rangeOf(query.updated_after, query.updated_before);
  const timed: GroupSort[] = [...(created ? ['created_at' as const] : []), ...(updated ? ['updated_at' as const] : [])];
  const customData = customDataOf(query);
  const given = query.sort ?? timed[0] ?? 'name';
  // A cast, because taking the minus off gives back a name of the list.
  const sort = given.replace(/^-/, '') as GroupSort;
  const faults = [...faultsOf(query.q, sort, timed), ...faultsOfCustomData(customData)];
  if (faults.length > 0) throw UnsupportedSearch({ detail: faults[0]!.detail, faults });
  const { q, name, role_id: roleId, parent_id: parentId } = query;
  return { q, name, roleId, parentId, customData, created, updated, sort, descending: given.startsWith('-') };
}

function rangeOf(after: Date | undefined, before: Date | undefined): TimeRange | undefined {
  return after || before ? { after, before } : undefined;
}

function faultsOf(q: string | undefined, sort: GroupSort, timed: GroupSort[]): Fault[] {
  if (q && timed.length > 0) return [{ parameter: 'q', detail: 'q cannot be combined with a time range' }];
  if (q && sort !== 'name')
    return [{ parameter: 'sort', detail: 'results of q are sorted by name; use sort=name or -name, or omit sort' }];
  if (timed.length > 0 && !timed.includes(sort)) {
    const servable = timed.flatMap((name) => [name, `-${name}`]).join(', ');
    const detail = `results of a time range are sorted by that time; use one of ${servable}, or omit sort`;
    return [{ parameter: 'sort', detail }];
  }
  return [];
}
