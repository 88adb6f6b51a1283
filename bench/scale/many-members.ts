import { randomUUID } from 'node:crypto';
import { made } from '../api.ts';
import { runClosedLoop, type Work } from '../load.ts';
import { userOf } from '../population/people.ts';
import { median, percentile } from '../quantiles.ts';
import { renew } from '../token-requests.ts';
import type { User } from '../../src/directory/users/user.ts';
import type { Database } from './databases.ts';
import { createDraws, type Draws } from './draws.ts';
import { somewhereAmongUsers } from './pages.ts';
import { groupsIn, signInWithGroups } from './tokens.ts';

/** As many as one call takes. */
const AT_ONCE = 10_000;
const CALLS = 3;

/** Long enough to be stable, short beside the sweep. */
const READS = { seconds: 5 };

/**
 * What happens to a group of tens of thousands, in sentences: many members added by one call, the group deleted, its
 * members' documents swept while others read. Nothing of it stays.
 */
export async function measureManyMembers(database: Database): Promise<string[]> {
  const draws = createDraws(database.shape, 1);
  const name = `Bench ${randomUUID()}`;
  const groupId = await made(database.api.post('/groups', { name }), 'group_id');
  const customers = customersOf(database, AT_ONCE * CALLS);
  const added = await addAll(database, groupId, customers);
  const read = readSomething(database, draws);
  await runClosedLoop([read], READS);
  const before = await runClosedLoop([read], READS);
  const deleted = await deleteAndCheckToken(database, { groupId, name, members: customers });
  const sweep = await sweepWhileReading(database, read);
  return [
    `adding ${Math.min(AT_ONCE, customers.length)} members in one call: ${median(added).toFixed(1)} s`,
    `deleting a group of ${customers.length}: answered in ${(deleted * 1000).toFixed(0)} ms; the next token no longer had it`,
    `purging its members during other reads: ${sweep.seconds.toFixed(1)} s, ${Math.round(customers.length / sweep.seconds)} users/s`,
    `those reads before: ${describe(before)}; during the purge: ${describe(sweep.reads)}`,
  ];
}

function customersOf({ shape }: Database, count: number): User[] {
  const customers: User[] = [];
  const end = shape.firstUser + shape.users;
  for (let number = shape.firstUser; customers.length < count && number < end; number += 1) {
    const user = userOf(shape, number);
    if (user.kind === 'customer') customers.push(user);
  }
  return customers;
}

/** The seconds of each call. */
async function addAll({ api }: Database, groupId: string, people: User[]): Promise<number[]> {
  const seconds: number[] = [];
  for (let from = 0; from < people.length; from += AT_ONCE) {
    const ids = people.slice(from, from + AT_ONCE).map(({ id }) => id);
    seconds.push(await timed(() => api.post(`/groups/${groupId}/members`, { user_ids: ids })));
  }
  return seconds;
}

/** A user, a page of people or of a group's members: what somebody at a console would look at. */
function readSomething({ api }: Database, draws: Draws): Work {
  const reads = [
    () => api.get(`/users/${draws.user().id}`),
    () => api.list('/users', somewhereAmongUsers(draws, 'name')),
    () => api.list(`/groups/${draws.group().id}/members`, {}),
  ];
  return async () => void (await draws.oneOf(reads)());
}

interface Doomed {
  groupId: string;
  name: string;
  members: User[];
}

/** The seconds until the answer. @throws Error when a token that is issued after it still has the group */
async function deleteAndCheckToken(database: Database, { groupId, name, members }: Doomed): Promise<number> {
  const member = members.find(({ status }) => status === 'active')!;
  const tokens = await signInWithGroups(database, {
    ...member,
    memberships: [...member.memberships, asMember(groupId)],
  });
  const seconds = await timed(() => database.api.delete(`/groups/${groupId}`));
  const after = groupsIn(await renew(database, tokens, {}));
  if (groupsIn(tokens).includes(name) && !after.includes(name)) return seconds;
  throw new Error(`${name} was in ${JSON.stringify(groupsIn(tokens))} and, deleted, in ${JSON.stringify(after)}.`);
}

const asMember = (group: string) => ({ group, since: new Date(), by: 'bench' });

/** The purge as the scheduled task does it, and how long each read took meanwhile. */
async function sweepWhileReading({ server }: Database, read: Work): Promise<{ seconds: number; reads: number[] }> {
  const reads: number[] = [];
  let isSwept = false;
  const readOn = async () => {
    while (!isSwept) reads.push(...(await runClosedLoop([read], { operations: 1 })));
  };
  const sweep = timed(() => server.order('sweep')).finally(() => (isSwept = true));
  const [seconds] = await Promise.all([sweep, readOn()]);
  return { seconds, reads };
}

/** The seconds that it took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function describe(latencies: number[]): string {
  return `${median(latencies).toFixed(1)} ms, 99th percentile ${percentile(latencies, 0.99).toFixed(0)} ms`;
}
