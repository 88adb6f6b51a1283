import { system } from '../../src/platform/actor.ts';
import { fold } from '../../src/platform/sort-keys.ts';
import type { Membership } from '../../src/directory/memberships/period.ts';
import type { User, Status } from '../../src/directory/users/user.ts';
import { bigGroupId, groupIdOf } from './groups.ts';
import { countries, firstNames, lastNames } from './names.ts';
import { idOf, pick, randomOf, type Random } from './random.ts';
import { customersIn, PEOPLE_PER_ADMINISTRATOR, type Shape } from './shape.ts';
import { timeBetween, THE_BEGINNING, THE_END } from './times.ts';

const SALT = 0x70656f70;

/** Shares of all people; the rest is active. */
const INVITED = 0.06;
const DISABLED = 0.04;

/** Of those who could have signed in. */
const NEVER_SIGNED_IN = 0.1;

/** The higher, the more of all adminRoles: [],
    memberships are in few groups; 1 would make all groups alike. */
const SKEW = 3;

const TIERS = ['free', 'free', 'free', 'free', 'free', 'free', 'plus', 'plus', 'pro', 'gold'] as const;
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pl', 'tr'] as const;

export const userIdOf = (number: number): string => idOf(SALT, number);

export const isAdministrator = (number: number): boolean =>
  number % PEOPLE_PER_ADMINISTRATOR === PEOPLE_PER_ADMINISTRATOR - 1;

/** Everything about the user with this number: the same at every call. */
export function userOf(shape: Shape, number: number): User {
  const random = randomOf(SALT, number);
  const id = userIdOf(number);
  const firstName = pick(random, firstNames);
  const lastName = pick(random, lastNames);
  const status = statusOf(random());
  const createdAt = timeBetween(random, THE_BEGINNING, THE_END);
  const updatedAt = timeBetween(random, createdAt, THE_END);
  const signedIn = status !== 'invited' && random() >= NEVER_SIGNED_IN;
  const lastSignInAt = signedIn ? timeBetween(random, createdAt, THE_END) : undefined;
  return {
    id,
    kind: isAdministrator(number) ? 'administrator' : 'customer',
    username: `${mailable(firstName)}.${mailable(lastName)}.${number}@example.com`,
    firstName,
    lastName,
    status,
    attributes: {},
    customData: customDataOf(random, number),
    memberships: isAdministrator(number) ? [] : membershipsOf(shape, number, { random, createdAt }),
    ownerOf: [],
    adminRoles: isAdministrator(number) ? ['owner'] : [],
    passwordIsTemporary: false,
    createdAt,
    updatedAt,
    ...(lastSignInAt ? { lastSignInAt } : {}),
  };
}

/** True for as many customers as the big group has members, spread evenly over all of them. */
export function isInBigGroup(shape: Shape, number: number): boolean {
  if (isAdministrator(number)) return false;
  const { bigGroup, firstUser } = shape;
  const place = customersBefore(number) - customersBefore(firstUser);
  const membersBefore = (count: number) => Math.floor((count * bigGroup) / customersIn(shape));
  return membersBefore(place + 1) > membersBefore(place);
}

function customersBefore(number: number): number {
  return number - Math.floor(number / PEOPLE_PER_ADMINISTRATOR);
}

function statusOf(chance: number): Status {
  if (chance < INVITED) return 'invited';
  return chance < INVITED + DISABLED ? 'disabled' : 'active';
}

/** A value that every second user has, one that few have, and one that nobody else has. */
function customDataOf(random: Random, number: number) {
  return {
    country: pick(random, countries),
    language: pick(random, LANGUAGES),
    plan: { tier: pick(random, TIERS) },
    age: 16 + Math.floor(random() * 80),
    badge: number,
  };
}

function membershipsOf(
  shape: Shape,
  number: number,
  { random, createdAt }: { random: Random; createdAt: Date },
): Membership[] {
  const places = new Set<number>();
  while (places.size < shape.perUser) places.add(Math.floor(shape.groups * random() ** SKEW));
  const groups = [...places].map((place) => groupIdOf(shape.firstGroup + place));
  if (isInBigGroup(shape, number)) groups.push(bigGroupId(shape));
  return groups.map((group) => ({ group, since: timeBetween(random, createdAt, THE_END), by: system.id }));
}

const LETTERS: Record<string, string> = { ß: 'ss', ø: 'o', ł: 'l', æ: 'ae', đ: 'd', ð: 'd', þ: 'th', ı: 'i', œ: 'oe' };

/** A name as it is written in an address. */
function mailable(name: string): string {
  return fold(name).replace(/[^a-z]/g, (letter) => LETTERS[letter] ?? '');
}
