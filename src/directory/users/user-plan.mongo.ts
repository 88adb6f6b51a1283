import type { Model } from 'mongoose';
import { traitOf } from '../../platform/custom-data.ts';
import { beginningWith, between, fold, type KeyRange } from '../../platform/sort-keys.ts';
import { SMALL, type Filter, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import type { TimeRange } from '../../platform/criteria.ts';
import { isIn, isInAny, isNotIn } from '../memberships/current.mongo.ts';
import type { UserCriteria, UserSort } from './user-search.ts';
import {
  byGroup,
  byOrder,
  byTrait,
  byUsername,
  withoutSecret,
  type Order,
  type UserDocument,
} from './user-document.mongo.ts';
import { KINDS, STATUSES } from './user.ts';

/** A set of users that an index gives at once: the members of a group, those with a value in their custom data. */
interface Circle {
  index: typeof byGroup | typeof byTrait;
  head: Filter;
  /** One value and not several, so that the index gives its users in the order of their emails. */
  isOrdered: boolean;
}

/** Where the sort key is found, and which part of it matches. */
interface Keyed {
  order: Order;
  range?: KeyRange | undefined;
}

const orderOf: Record<UserSort, Order> = {
  username: 'address',
  name: 'name',
  created_at: 'created',
  updated_at: 'updated',
  last_sign_in_at: 'signedIn',
};

/**
 * Chooses the indexes for a search. A small circle is looked at whole; a large one is read in its own order where it has
 * it; otherwise everybody is read in the wanted order, which soon meets members of a large circle.
 */
export async function planUserSearch(Users: Model<UserDocument>, criteria: UserCriteria): Promise<Search> {
  const keyed = keyedBy(criteria);
  const { scan, drivenBy } = await chooseDriver(Users, criteria, keyed);
  const rest = conditionsBeside(criteria, drivenBy);
  return {
    scans: keyed.map(({ order, range }) => ({ ...scan(order), key: `order.${order}`, range, rest })),
    descending: criteria.descending,
    isEverything: isEverybody(criteria),
    projection: withoutSecret,
  };
}

type Driver = { scan(order: Order): Pick<Scan, 'index' | 'head' | 'isSmall'>; drivenBy: Filter[] };

async function chooseDriver(Users: Model<UserDocument>, criteria: UserCriteria, keyed: Keyed[]): Promise<Driver> {
  const { username, kind, status } = criteria;
  if (username) {
    const head = { username };
    return { scan: () => ({ index: byUsername, head, isSmall: true }), drivenBy: [head] };
  }
  const circles = circlesOf(criteria);
  const ordered = circles.find(({ isOrdered }) => isOrdered && keyed.length === 1 && keyed[0]!.order === 'address');
  // Alone it gives exactly the page, whatever its size, and nobody has to be counted.
  const isAlone =
    circles.length === 1 &&
    conditionsBeside(
      criteria,
      circles.map(({ head }) => head),
    ).length === 0;
  if (ordered && isAlone) return drive(ordered, false);
  for (const circle of circles) if (await isSmall(Users, circle)) return drive(circle, true);
  if (ordered) return drive(ordered, false);
  // Both spelled out, so that the index gives the order of all of them together.
  const head = {
    kind: kind ?? (criteria.inGroup || criteria.inAnyGroup || criteria.scopeGroups ? 'customer' : { $in: KINDS }),
    status: status ?? { $in: STATUSES },
  };
  return { scan: (order) => ({ index: byOrder(order), head }), drivenBy: [{ kind }, { status }] };
}

function drive({ index, head }: Circle, isSmall: boolean): Driver {
  return { scan: () => ({ index, head, isSmall }), drivenBy: [head] };
}

async function isSmall(Users: Model<UserDocument>, { index, head }: Circle): Promise<boolean> {
  const [counted] = await Users.aggregate<{ n: number }>([
    { $match: head },
    { $limit: SMALL + 1 },
    { $count: 'n' },
  ]).hint(index);
  return (counted?.n ?? 0) <= SMALL;
}

function circlesOf({ inGroup, inAnyGroup, scopeGroups, customData = [] }: UserCriteria): Circle[] {
  const ofAny = (ids: string[] | undefined): Circle[] =>
    ids ? [{ index: byGroup, head: isInAny(ids), isOrdered: false }] : [];
  return [
    ...(inGroup ? [{ index: byGroup, head: isIn(inGroup), isOrdered: true }] : []),
    ...ofAny(inAnyGroup),
    ...ofAny(scopeGroups),
    ...customData.map(({ path, value }) => ({
      index: byTrait,
      head: { traits: traitOf(path, value) },
      isOrdered: true,
    })),
  ];
}

/** Where the words or the order are found: words in three places at once, else one. */
function keyedBy({ q, firstName, lastName, sort, created, updated, signedIn }: UserCriteria): Keyed[] {
  if (q) {
    const range = beginningWith(fold(q));
    return [
      { order: 'address', range },
      { order: 'name', range },
      { order: 'first', range },
    ];
  }
  if (lastName && firstName) return [{ order: 'name', range: beginningWith(`${fold(lastName)} ${fold(firstName)}\0`) }];
  if (lastName) return [{ order: 'name', range: beginningWith(`${fold(lastName)} `) }];
  if (firstName) return [{ order: 'first', range: beginningWith(`${fold(firstName)} `) }];
  const ranges: Partial<Record<UserSort, TimeRange | undefined>> = {
    created_at: created,
    updated_at: updated,
    last_sign_in_at: signedIn,
  };
  return [{ order: orderOf[sort], range: between(ranges[sort]?.after, ranges[sort]?.before) }];
}

/** Every condition that the chosen index does not see to. */
function conditionsBeside(criteria: UserCriteria, drivenBy: Filter[]): Filter[] {
  const seenTo = new Set(drivenBy.map((filter) => JSON.stringify(filter)));
  return conditionsOf(criteria).filter((condition) => !seenTo.has(JSON.stringify(condition)));
}

function conditionsOf(criteria: UserCriteria): Filter[] {
  const { username, firstName, lastName, kind, status, notInGroup, sort } = criteria;
  const equal = { username, firstName, lastName, kind, status };
  const times = { created_at: criteria.created, updated_at: criteria.updated, last_sign_in_at: criteria.signedIn };
  return [
    ...Object.entries(equal).flatMap(([field, value]) => (value === undefined ? [] : [{ [field]: value }])),
    ...circlesOf(criteria).map(({ head }) => head),
    ...(notInGroup ? [isNotIn(notInGroup)] : []),
    ...Object.entries(times).flatMap(([time, range]) => (range && time !== sort ? timeCondition(time, range) : [])),
  ];
}

function timeCondition(time: string, { after, before }: TimeRange): Filter[] {
  // A cast, because the table above has these names only.
  const key = `order.${orderOf[time as UserSort]}`;
  const range = between(after, before);
  return [
    ...(range?.from ? [{ [key]: { $gte: range.from } }] : []),
    ...(range?.below ? [{ [key]: { $lt: range.below } }] : []),
  ];
}

function isEverybody(criteria: UserCriteria): boolean {
  const { sort, q, created, updated, signedIn } = criteria;
  const isOfAllTimes = !{
    username: undefined,
    name: undefined,
    created_at: created,
    updated_at: updated,
    last_sign_in_at: signedIn,
  }[sort];
  return !q && isOfAllTimes && conditionsOf(criteria).length === 0;
}
