import { canonicalIfEmail } from '../../../config/email-address.ts';
import { z } from 'zod';
import {
  customDataOf,
  customDataShape,
  faultsOfCustomData,
  searchText as text,
  timeParameter,
  UnsupportedSearch,
  type CustomDataCriterion,
  type TimeRange,
} from '../../platform/criteria.ts';
import type { Fault } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { KINDS, STATUSES, usernameShape, type Kind, type Status } from './user.ts';

export const USER_SORTS = ['username', 'name', 'created_at', 'updated_at', 'last_sign_in_at'] as const;
export type UserSort = (typeof USER_SORTS)[number];

/** What users are searched by. Everything given must hold. */
export interface UserCriteria {
  /** A prefix of the address, or of first and last name in either order; folded. */
  q?: string | undefined;
  username?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  kind?: Kind | undefined;
  status?: Status | undefined;
  /** Has one of these. */
  statuses?: readonly Status[] | undefined;
  inGroup?: Id | undefined;
  /** With `inGroup`: members whose membership has not begun, instead of those of now. */
  isUpcoming?: boolean | undefined;
  /** With `inGroup`: of the memberships of now, those that counted at this moment too. */
  memberAt?: Date | undefined;
  /** With `inGroup`: only members whose membership ends before this. */
  endingBefore?: Date | undefined;
  notInGroup?: Id | undefined;
  /** In none of these. */
  notInAnyGroup?: Id[] | undefined;
  /** In none of these, or disabled: may not sign in where members of these groups may. */
  withoutAccessBy?: Id[] | undefined;
  /** Has this role through a group. */
  roleId?: Id | undefined;
  /** In at least one of these. */
  inAnyGroup?: Id[] | undefined;
  /** Only users in at least one of these groups are visible to the actor. */
  scopeGroups?: Id[] | undefined;
  /** Dotted paths into the custom data and the values there, as text. */
  customData?: CustomDataCriterion[];
  created?: TimeRange | undefined;
  updated?: TimeRange | undefined;
  signedIn?: TimeRange | undefined;
  sort: UserSort;
  descending: boolean;
}

/** A search among the members of one group. */
export type MemberCriteria = UserCriteria & { inGroup: Id };

/** Everybody, in the order of their addresses. */
export const everybody: UserCriteria = { sort: 'username', descending: false };

/** The name of the list for its cursors: one in another order must not be taken. */
export function listOf({ q, sort, descending, isUpcoming }: UserCriteria): string {
  const list = isUpcoming ? 'upcoming' : 'users';
  return q ? `${list}:q` : `${list}:${descending ? '-' : ''}${sort}`;
}

const time = timeParameter.optional();
const sorts = USER_SORTS.flatMap((sort) => [sort, `-${sort}`] as const);

/** The parameters that every search for users takes; those of `custom_data.<path>` come on top. */
const fields = {
  q: text.optional().meta({
    description: 'Start of the email, or of first and last name in either order, ignoring case and accents.',
  }),
  username: usernameShape.optional(),
  first_name: text.optional().meta({ description: 'Exact first name.' }),
  last_name: text.optional().meta({ description: 'Exact last name.' }),
  kind: z.enum(KINDS).optional(),
  status: z.enum(STATUSES).optional(),
  role_id: idShape.optional().meta({ description: 'Only users who have this role through one of their groups.' }),
  in_group: idShape.optional().meta({ description: 'Only members of this group.' }),
  not_in_group: idShape.optional().meta({ description: 'Only users who are not members of this group.' }),
  created_after: time.meta({ description: 'Created at or after this time, in Unix seconds.' }),
  created_before: time.meta({ description: 'Created before this time.' }),
  updated_after: time.meta({ description: 'Changed at or after this time.' }),
  updated_before: time.meta({ description: 'Changed before this time.' }),
  last_sign_in_after: time.meta({ description: 'Last signed in at or after this time.' }),
  last_sign_in_before: time.meta({ description: 'Last signed in before this time, or never.' }),
  sort: z.enum(sorts).optional().meta({
    description: 'Sort field; prefix with - for descending. With a time range, results are sorted by that time.',
  }),
};

type Query = z.output<z.ZodObject<typeof fields>> &
  Partial<z.output<z.ZodObject<typeof periodQuery>>> &
  Record<string, unknown>;

/** The shape of a query that searches users: these parameters, those in `more`, and any `custom_data.<path>`. */
export function userSearchShape<More extends z.ZodRawShape>(more: More) {
  return customDataShape(z.object({ ...fields, ...more }).catchall(z.string().max(1000)));
}

/** The parameters that lists of memberships take. */
export const periodQuery = {
  as_of: time.meta({
    description: 'The memberships at this time, in Unix seconds, instead of now. Not together with other filters.',
  }),
  active: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .meta({ description: '`false` for memberships that have not begun, instead of those that count now.' }),
  ending_before: time.meta({ description: 'Only memberships that end before this time, in Unix seconds.' }),
};

/** Search within a group leaves out the parameters that name groups. */
export function memberSearchShape<More extends z.ZodRawShape>(more: More) {
  const { in_group: _in, not_in_group: _not, role_id: _role, kind: _kind, ...rest } = fields;
  return customDataShape(z.object({ ...rest, ...periodQuery, ...more }).catchall(z.string().max(1000)));
}

/**
 * What a query asks for, in an order that can be given at once.
 * @throws UnsupportedSearch for what would have to be sorted or sifted at every request.
 */
export function toUserCriteria(query: Query): UserCriteria {
  const ranges = rangesOf(query);
  const customData = customDataOf(query);
  const faults = [...faultsOfSort(query, ranges), ...faultsOfCustomData(customData)];
  if (faults.length > 0) throw UnsupportedSearch({ detail: faults[0]!.detail, faults });
  const given = query.sort ?? defaultSort(query, ranges);
  return {
    q: query.q && canonicalIfEmail(query.q),
    username: query.username,
    firstName: query.first_name,
    lastName: query.last_name,
    kind: query.kind,
    status: query.status,
    inGroup: query.in_group,
    isUpcoming: query.active === false,
    endingBefore: query.ending_before,
    notInGroup: query.not_in_group,
    roleId: query.role_id,
    customData,
    created: ranges.created_at,
    updated: ranges.updated_at,
    signedIn: ranges.last_sign_in_at,
    // A cast, because taking the minus off gives back a name of the list.
    sort: given.replace(/^-/, '') as UserSort,
    descending: given.startsWith('-'),
  };
}

type Ranges = Partial<Record<UserSort, TimeRange>>;

function rangesOf(query: Query): Ranges {
  const ranges: Ranges = {};
  const add = (sort: UserSort, after: Date | undefined, before: Date | undefined) => {
    if (after || before) ranges[sort] = { after, before };
  };
  add('created_at', query.created_after, query.created_before);
  add('updated_at', query.updated_after, query.updated_before);
  add('last_sign_in_at', query.last_sign_in_after, query.last_sign_in_before);
  return ranges;
}

function defaultSort({ first_name: first, last_name: last }: Query, ranges: Ranges): UserSort {
  const [range] = Object.keys(ranges) as UserSort[];
  return range ?? (first || last ? 'name' : 'username');
}

function faultsOfSort({ q, first_name: first, last_name: last, sort }: Query, ranges: Ranges): Fault[] {
  const faults: Fault[] = [];
  const wanted = sort?.replace(/^-/, '');
  const timed = Object.keys(ranges);
  const fault = (parameter: string, detail: string) => faults.push({ parameter, detail });
  if (q && wanted) fault('sort', 'results of q have their own order; omit sort');
  if (q && timed.length > 0)
    fault('q', 'q cannot be combined with a time range; use first_name, last_name or username');
  if ((first || last) && timed.length > 0)
    fault(first ? 'first_name' : 'last_name', 'names cannot be combined with a time range');
  else if ((first || last) && wanted && wanted !== 'name')
    fault('sort', 'results for names are sorted by name; use sort=name or -name, or omit sort');
  if (timed.length > 0 && wanted && !timed.includes(wanted)) {
    const servable = timed.flatMap((time) => [time, `-${time}`]).join(', ');
    fault('sort', `results of a time range are sorted by that time; use one of ${servable}, or omit sort`);
  }
  return faults;
}
