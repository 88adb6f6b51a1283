/** How big a made-up population is. Everybody and everything in it follows from these numbers. */
export interface Shape {
  users: number;
  groups: number;
  /** Groups that each customer is in, besides the big one. */
  perUser: number;
  /** Members of the big group. */
  bigGroup: number;
  /** The number of the first user and of the first group; above 0 where others had been there before. */
  firstUser: number;
  firstGroup: number;
}

/** One in so many people is an administrator, who can be in no group. */
export const PEOPLE_PER_ADMINISTRATOR = 1000;

/** So that a role has about ten groups, however many there are. */
const GROUPS_PER_ROLE = 100;

const GROUPS_PER_APPLICATION = 500;
/** One in so many people has an entry in the audit log. */
export const PEOPLE_PER_EVENT = 20;
const AT_LEAST = 10;

export function customersIn({ users }: Shape): number {
  return users - Math.floor(users / PEOPLE_PER_ADMINISTRATOR);
}

export function rolesIn({ groups }: Shape): number {
  return Math.max(AT_LEAST, Math.floor(groups / GROUPS_PER_ROLE));
}

export function applicationsIn({ groups }: Shape): number {
  return Math.max(AT_LEAST, Math.floor(groups / GROUPS_PER_APPLICATION));
}

/** Entries of the audit log. */
export function eventsIn({ users }: Shape): number {
  return Math.ceil(users / PEOPLE_PER_EVENT);
}

/** What is wrong with a shape, in a sentence; undefined for one that can be filled in. */
export function faultOfShape(shape: Shape): string | undefined {
  const { groups, perUser, bigGroup } = shape;
  if (perUser > groups) return `Nobody can be in ${perUser} of ${groups} groups.`;
  const customers = customersIn(shape);
  if (bigGroup > customers) return `The big group cannot have ${bigGroup} members: there are ${customers} customers.`;
  return undefined;
}
