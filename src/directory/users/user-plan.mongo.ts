import { trusted, type Model } from 'mongoose';
import { traitOf } from '../../platform/custom-data.ts';
import { SMALL, type Filter, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import {
  byChange,
  byEnd,
  byGroup,
  byUpcoming,
  endsIn,
  hadMembership,
  hasMembership,
  hasNoMembership,
  isDue,
  isListedIn,
  isNotListedIn,
  isUpcomingIn,
  type Wanted,
} from '../memberships/current.mongo.ts';
import type { UserCriteria } from './user-search.ts';
import { byOrder, byTrait, byUsername, withoutSecret, type Order, type UserDocument } from './user-document.mongo.ts';
import { keyedBy, timeCondition, type Keyed } from './user-keys.mongo.ts';
import { KINDS, STATUSES } from './user.ts';

/** The moment of a search, and whether every document shows the memberships that count then. */
interface Moment {
  at: Date;
  isSettled: boolean;
}

interface Way {
  index: Scan['index'];
  head: Filter;
}

/** A set of users that indexes give at once: the members of a group, those with a value in their custom data. */
interface Circle {
  ways: Way[];
  /** Holds for these users and no others. */
  condition: Filter;
  /** The ways lead to no other users, so that the condition need not be checked. */
  isExact: boolean;
  /** One value and not several, so that each way gives its users in the order of their emails. */
  isOrdered: boolean;
}

/**
 * Chooses the indexes for a search at the moment `at`. A small circle is looked at whole; a large one is read in its own order where it has
 * it; otherwise everybody is read in the wanted order, which soon meets members of a large circle.
 */
export async function planUserSearch(Users: Model<UserDocument>, criteria: UserCriteria, at: Date): Promise<Search> {
  const keyed = keyedBy(criteria);
  const moment = { at, isSettled: !isAboutGroups(criteria) || (await isSettled(Users, at)) };
  const { scans, drivenBy } = await chooseDriver(Users, { criteria, moment, keyed });
  const rest = conditionsBeside(criteria, moment, drivenBy);
  return {
    scans: keyed.flatMap(({ order, range }) =>
      scans(order).map((scan) => ({ ...scan, key: `order.${order}`, range, rest })),
    ),
    descending: criteria.descending,
    isEverything: isEverybody(criteria, moment),
    projection: withoutSecret,
  };
}

const isAboutGroups = (criteria: UserCriteria): boolean => {
  const { inGroup, notInGroup, inAnyGroup, notInAnyGroup, scopeGroups, withoutAccessBy } = criteria;
  const all = [inGroup, notInGroup, inAnyGroup, notInAnyGroup, scopeGroups, withoutAccessBy];
  return all.some((groups) => groups !== undefined);
};

/** What finds the members of a group at this moment, by the indexes of members. */
export async function memberFilterAt(Users: Model<UserDocument>, at: Date): Promise<(groupId: string) => Filter> {
  const moment = { at, isSettled: await isSettled(Users, at) };
  return (groupId) => {
    const { ways, condition, isExact } = circleOf([groupId], moment);
    return isExact ? condition : { $and: [{ $or: ways.map(({ head }) => head) }, condition] };
  };
}

/** One look at an index that is empty but for documents that time has changed in the last seconds. */
async function isSettled(Users: Model<UserDocument>, at: Date): Promise<boolean> {
  const due = isDue(at);
  const filter = { membershipsChangeAt: trusted(due.membershipsChangeAt) };
  const [found] = await Users.find(filter, { _id: 0, membershipsChangeAt: 1 }).hint(byChange).limit(1).lean();
  return found === undefined;
}

interface Question {
  criteria: UserCriteria;
  moment: Moment;
  keyed: Keyed[];
}

type Driver = { scans(order: Order): Pick<Scan, 'index' | 'head' | 'isSmall'>[]; drivenBy: Filter[] };

async function chooseDriver(Users: Model<UserDocument>, { criteria, moment, keyed }: Question): Promise<Driver> {
  const { username, kind, status, statuses } = criteria;
  if (username) {
    const head = { username };
    return { scans: () => [{ index: byUsername, head, isSmall: true }], drivenBy: [head] };
  }
  const circles = circlesOf(criteria, moment);
  const ordered = circles.find(({ isOrdered }) => isOrdered && keyed.length === 1 && keyed[0]!.order === 'address');
  // Alone it gives exactly the page, whatever its size, and nobody has to be counted.
  const isAlone =
    circles.length === 1 &&
    conditionsBeside(
      criteria,
      moment,
      circles.flatMap((circle) => seenTo(circle)),
    ).length === 0;
  if (ordered && isAlone) return drive(ordered, false);
  for (const circle of circles) if (await isSmall(Users, circle)) return drive(circle, true);
  if (ordered) return drive(ordered, false);
  // Both spelled out, so that the index gives the order of all of them together.
  const head = {
    kind: kind ?? (criteria.inGroup || criteria.inAnyGroup || criteria.scopeGroups ? 'customer' : { $in: KINDS }),
    status: status ?? { $in: statuses ?? STATUSES },
  };
  const drivenBy = [{ kind }, { status }, ...(status ? [] : inStatuses(criteria))];
  return { scans: (order) => [{ index: byOrder(order), head }], drivenBy };
}

function drive(circle: Circle, isSmall: boolean): Driver {
  return { scans: () => circle.ways.map((way) => ({ ...way, isSmall })), drivenBy: seenTo(circle) };
}

/** The conditions that the circle's indexes see to. */
const seenTo = ({ condition, isExact }: Circle): Filter[] => (isExact ? [condition] : []);

async function isSmall(Users: Model<UserDocument>, { ways }: Circle): Promise<boolean> {
  for (const { index, head } of ways) {
    const [counted] = await Users.aggregate<{ n: number }>([
      { $match: head },
      { $limit: SMALL + 1 },
      { $count: 'n' },
    ]).hint(index);
    if ((counted?.n ?? 0) > SMALL) return false;
  }
  return true;
}

function circlesOf(criteria: UserCriteria, moment: Moment): Circle[] {
  const { inGroup, inAnyGroup, scopeGroups, isUpcoming, endingBefore, memberAt, customData = [] } = criteria;
  if (inGroup && memberAt) return [circleAt(inGroup, memberAt)];
  const ofAny = (ids: string[] | undefined): Circle[] => (ids ? [circleOf(ids, moment)] : []);
  return [
    ...(inGroup && endingBefore && !isUpcoming ? [circleOfEnds(inGroup, endingBefore, moment)] : []),
    ...(inGroup ? [circleOf([inGroup], moment, { isUpcoming: isUpcoming ?? false, endingBefore })] : []),
    ...ofAny(inAnyGroup),
    ...ofAny(scopeGroups),
    ...customData.map(({ path, value }) => {
      const head = { traits: traitOf(path, value) };
      return { ways: [{ index: byTrait, head }], condition: head, isExact: true, isOrdered: true };
    }),
  ];
}

/**
 * The members of groups. While a document is due, members are also looked for among those who had not begun, and the
 * times of each are compared; else the index alone gives them.
 */
function circleOf(groupIds: string[], { at, isSettled }: Moment, wanted: Wanted = {}): Circle {
  const { isUpcoming = false, endingBefore } = wanted;
  const listed = { index: byGroup, head: isListedIn(groupIds) };
  const upcoming = { index: byUpcoming, head: isUpcomingIn(groupIds) };
  const isOrdered = groupIds.length === 1;
  if (isSettled && !endingBefore) {
    const way = isUpcoming ? upcoming : listed;
    return { ways: [way], condition: way.head, isExact: true, isOrdered };
  }
  const ways = isUpcoming ? [upcoming] : [listed, ...(isSettled ? [] : [upcoming])];
  return { ways, condition: hasMembership(groupIds, at, wanted), isExact: false, isOrdered };
}

/** Those of now, or of later, who were members at an earlier moment. */
function circleAt(groupId: string, at: Date): Circle {
  const ways = [
    { index: byGroup, head: isListedIn([groupId]) },
    { index: byUpcoming, head: isUpcomingIn([groupId]) },
  ];
  return { ways, condition: hadMembership(groupId, at), isExact: false, isOrdered: true };
}

/** Those whose membership ends soon: usually few of many. */
function circleOfEnds(groupId: string, endingBefore: Date, { at, isSettled }: Moment): Circle {
  const ways = [
    { index: byEnd, head: endsIn([groupId], at, endingBefore) },
    ...(isSettled ? [] : [{ index: byUpcoming, head: isUpcomingIn([groupId]) }]),
  ];
  return { ways, condition: hasMembership([groupId], at, { endingBefore }), isExact: false, isOrdered: false };
}

/** Every condition that the chosen index does not see to. */
function conditionsBeside(criteria: UserCriteria, moment: Moment, drivenBy: Filter[]): Filter[] {
  const seenTo = new Set(drivenBy.map((filter) => JSON.stringify(filter)));
  return conditionsOf(criteria, moment).filter((condition) => !seenTo.has(JSON.stringify(condition)));
}

const inStatuses = ({ statuses }: UserCriteria): Filter[] => (statuses ? [{ status: { $in: statuses } }] : []);

function conditionsOf(criteria: UserCriteria, moment: Moment): Filter[] {
  const { username, firstName, lastName, kind, status, notInGroup, sort } = criteria;
  const equal = { username, firstName, lastName, kind, status };
  const times = { created_at: criteria.created, updated_at: criteria.updated, last_sign_in_at: criteria.signedIn };
  const notIn = (ids: string[]) => (moment.isSettled ? isNotListedIn(ids) : hasNoMembership(ids, moment.at));
  return [
    ...Object.entries(equal).flatMap(([field, value]) => (value === undefined ? [] : [{ [field]: value }])),
    ...circlesOf(criteria, moment).map(({ condition }) => condition),
    ...(notInGroup ? [notIn([notInGroup])] : []),
    ...(criteria.notInAnyGroup ? [notIn(criteria.notInAnyGroup)] : []),
    ...inStatuses(criteria),
    ...(criteria.withoutAccessBy ? [{ $or: [{ status: 'disabled' }, notIn(criteria.withoutAccessBy)] }] : []),
    ...Object.entries(times).flatMap(([time, range]) => (range && time !== sort ? timeCondition(time, range) : [])),
  ];
}

function isEverybody(criteria: UserCriteria, moment: Moment): boolean {
  const { sort, q, created, updated, signedIn } = criteria;
  const isOfAllTimes = !{
    username: undefined,
    name: undefined,
    created_at: created,
    updated_at: updated,
    last_sign_in_at: signedIn,
  }[sort];
  return !q && isOfAllTimes && conditionsOf(criteria, moment).length === 0;
}
