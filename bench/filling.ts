import type { Stores } from './open-stores.ts';
import { eventOf } from './population/events.ts';
import { applicationOf, bigGroupOf, groupOf, roleOf } from './population/groups.ts';
import { userOf } from './population/people.ts';
import { applicationsIn, eventsIn, rolesIn, type Shape } from './population/shape.ts';

const BATCH = 1000;

/** While the database works on some batches, the next ones are made up; more would only take memory. */
const AT_ONCE = 4;

export interface Filling {
  shape: Shape;
  stores: Stores;
  /** The one that everybody has. */
  passwordHash: string;
  /** Told how many more things were written. */
  onWritten(count: number): void;
}

/** How many things are written in all. */
export function sizeOf(shape: Shape): number {
  return shape.users + shape.groups + rolesIn(shape) + applicationsIn(shape) + eventsIn(shape);
}

/** Writes a whole population, a few batches at a time, so that memory does not grow with it. */
export async function fill({ shape, stores, passwordHash, onWritten }: Filling): Promise<void> {
  const { things, users, audit } = stores;
  const { firstUser, firstGroup } = shape;
  const write = (from: number, count: number, insert: (numbers: number[]) => Promise<void>) =>
    inParallel(rangesOf(from, count, BATCH), AT_ONCE, async (numbers) => {
      await insert(numbers);
      onWritten(numbers.length);
    });

  await write(firstGroup, rolesIn(shape), (numbers) => things.roles.insert(numbers.map(roleOf)));
  await write(firstGroup, applicationsIn(shape), (numbers) => things.applications.insert(numbers.map(applicationOf)));
  await write(firstGroup, shape.groups, (numbers) =>
    things.groups.insert(numbers.map((number) => groupOf(shape, number))),
  );
  await write(firstUser, shape.users, (numbers) =>
    users.insertMany(numbers.map((number) => withPassword(shape, number, passwordHash))),
  );
  await write(0, eventsIn(shape), (numbers) => audit.append(numbers.map((number) => eventOf(shape, number))));
  await things.groups.insert([bigGroupOf(shape)]);
}

/** Who is invited has not chosen a password yet. */
function withPassword(shape: Shape, number: number, passwordHash: string) {
  const user = userOf(shape, number);
  return { user, passwordHash: user.status === 'invited' ? undefined : passwordHash };
}

function* rangesOf(from: number, count: number, length: number): Generator<number[]> {
  const end = from + count;
  for (let start = from; start < end; start += length)
    yield Array.from({ length: Math.min(length, end - start) }, (_, index) => start + index);
}

/** Each worker takes the next range when it is done with its last. */
async function inParallel<T>(ranges: Iterator<T>, atOnce: number, work: (range: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let next = ranges.next(); !next.done; next = ranges.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
