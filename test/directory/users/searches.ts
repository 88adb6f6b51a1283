import { timeKey } from '../../../src/platform/sort-keys.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { MINUTE, START, USERS, type Population } from './population.ts';

export type Query = Record<string, string>;

const seconds = (time: number) => String(Math.floor(time / 1000));
const start = seconds(START);
const middle = seconds(START + (USERS / 2) * MINUTE);
const late = seconds(START + (USERS - 40) * MINUTE);

/** Searches without a group, in several orders. */
export const SEARCHES: Query[] = [
  {},
  { sort: '-username' },
  { sort: 'name' },
  { sort: '-created_at' },
  { sort: 'updated_at' },
  { sort: '-last_sign_in_at' },
  { kind: 'administrator' },
  { status: 'invited', kind: 'customer', sort: '-name' },
  { first_name: 'Ada', sort: 'name' },
  { last_name: 'du Châtelet', first_name: 'Émilie', sort: 'name' },
  { 'custom_data.plan.tier': 'gold' },
  { 'custom_data.plan.tier': 'free', sort: 'created_at' },
  { 'custom_data.tags': 't42', 'custom_data.age': '12' },
  { 'custom_data.tags': 'all', 'custom_data.plan.tier': 'gold', sort: '-created_at' },
  { created_after: middle, created_before: late, sort: 'created_at' },
  { last_sign_in_after: late, sort: 'last_sign_in_at' },
  { last_sign_in_before: middle, created_before: middle, sort: '-last_sign_in_at' },
  { username: 'ada37@example.com' },
  { username: 'ada37@example.com', status: 'disabled' },
];

/** What a search among the members of a group can ask for beside the group. */
export const AMONG_MEMBERS: Query[] = [
  {},
  { sort: '-username' },
  { sort: 'name' },
  { sort: 'created_at' },
  { status: 'disabled' },
  { 'custom_data.plan.tier': 'gold', sort: '-created_at' },
  { last_name: 'Hopper', sort: 'name' },
];

/** Starts of emails and names. */
export const STARTS = ['ada', 'ada l', 'lovelace a', 'zoe1', 'akesson', 'émilie', 'du c', 'zed young', 'nobody', '.*'];

/** What cannot be served: the parameter that is in the way, and what the answer suggests. */
export const UNSUPPORTED: [query: Query, parameter: string, sentence: string][] = [
  [{ q: 'ada', sort: 'name' }, 'sort', 'omit sort'],
  [{ q: 'ada', created_after: '1' }, 'q', 'cannot be combined'],
  [{ first_name: 'Ada', sort: 'created_at' }, 'sort', 'use sort=name'],
  [{ last_name: 'Hopper', updated_before: '1' }, 'last_name', 'cannot be combined'],
  [{ created_after: '1', sort: 'name' }, 'sort', 'use one of created_at, -created_at'],
  [
    Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [`custom_data.${key}`, '1'])),
    'custom_data.f',
    'at most 5',
  ],
];

/** One value for every parameter. */
export const oneOfEach = ({ staff, pilots, pilotRole }: Population): Query => ({
  q: 'ad',
  username: 'ada37@example.com',
  first_name: 'Ada',
  last_name: 'Hopper',
  kind: 'customer',
  status: 'disabled',
  in_group: staff,
  not_in_group: pilots,
  role_id: pilotRole,
  'custom_data.plan.tier': 'gold',
  'custom_data.age': '30',
  created_after: middle,
  updated_after: start,
  last_sign_in_before: late,
});

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const words = ({ username, firstName, lastName }: User) =>
  [username, `${lastName} ${firstName}`, `${firstName} ${lastName}`].map(fold);
const isWithin = (time: Date | undefined, after?: string, before?: string) => {
  const at = (time?.getTime() ?? 0) / 1000;
  return (!after || at >= Number(after)) && (!before || at < Number(before));
};
const isIn = ({ memberships }: User, groupId: string) => memberships.some(({ group }) => group === groupId);

/** What each parameter means, in plain JavaScript over everybody. */
const rules: Record<string, (each: User, value: string, population: Population) => boolean> = {
  q: (each, value) => words(each).some((word) => word.startsWith(fold(value))),
  username: (each, value) => each.username === value,
  first_name: (each, value) => each.firstName === value,
  last_name: (each, value) => each.lastName === value,
  kind: (each, value) => each.kind === value,
  status: (each, value) => each.status === value,
  in_group: (each, value) => isIn(each, value),
  not_in_group: (each, value) => !isIn(each, value),
  role_id: (each, _value, { pilots }) => isIn(each, pilots),
  'custom_data.plan.tier': (each, value) => (each.customData['plan'] as { tier: string }).tier === value,
  'custom_data.tags': (each, value) => (each.customData['tags'] as string[]).includes(value),
  'custom_data.age': (each, value) => String(each.customData['age']) === value,
  created_after: (each, value) => isWithin(each.createdAt, value),
  created_before: (each, value) => isWithin(each.createdAt, undefined, value),
  updated_after: (each, value) => isWithin(each.updatedAt, value),
  last_sign_in_after: (each, value) => isWithin(each.lastSignInAt, value),
  last_sign_in_before: (each, value) => isWithin(each.lastSignInAt, undefined, value),
};

const keyOf: Record<string, (each: User) => string> = {
  username: (each) => `${fold(each.username)}\0${each.id}`,
  name: (each) => `${fold(each.lastName)} ${fold(each.firstName)}\0${each.id}`,
  created_at: (each) => timeKey(each.createdAt, each.id),
  updated_at: (each) => timeKey(each.updatedAt, each.id),
  last_sign_in_at: (each) => timeKey(each.lastSignInAt, each.id),
};

/** The ids of the users that a query asks for, in its order. */
export function expected(population: Population, query: Query): string[] {
  const matching = population.users.filter((each) =>
    Object.entries(query).every(([name, value]) => name === 'sort' || rules[name]!(each, value, population)),
  );
  const sort = query['sort'] ?? 'username';
  const key = keyOf[sort.replace(/^-/, '')]!;
  const sign = sort.startsWith('-') ? -1 : 1;
  return matching.sort((a, b) => sign * Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b)))).map(({ id }) => id);
}
