import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { giveGroup, giveUser, KEY, startApp, type TestApp } from '../support/app.ts';
import { startProcess, type Started } from '../support/process.ts';
import { relyingParty } from '../support/relying-party.ts';
import {
  eventsOf,
  giveReceiver,
  keepRunning,
  startPushEndpoint,
  untilKnown,
  type Receiver,
  type Told,
} from '../support/signal-receiver.ts';

const USERS = 6;
const ROUNDS = 12;

/** The latest that was told of a user; it is the truth if nothing was lost and the order was kept. */
function latest(told: Told[], sub: string): unknown {
  const claims = eventsOf(told, 'token-claims-change').filter((each) => each.sub === sub);
  return claims.at(-1)?.details['claims'];
}

describe('what receivers are told', () => {
  let test: TestApp;
  let receiver: Receiver;
  beforeAll(async () => {
    test = await startApp();
    receiver = await giveReceiver(test);
  });
  afterAll(() => test.tearDown());

  const node = (): Promise<Started> =>
    startProcess({
      MONGODB_URI: test.uri,
      COHORT_ISSUER: test.issuer,
      COHORT_ENCRYPTION_KEYS: `test:${KEY.toString('base64')}`,
      COHORT_ARGON2_MEMORY_KIB: '1024',
    });

  async function users(count: number, from: number) {
    const party = await relyingParty(test, receiver);
    const all = [];
    for (let index = from; index < from + count; index += 1) {
      const username = `user-${index}@example.com`;
      const user = await giveUser(test, username);
      await party.signIn({ login: username, scope: 'openid groups' });
      await untilKnown(test, user.id);
      all.push(user);
    }
    return all;
  }

  it('is complete and in order by push and poll, with outages of receivers and with nodes that are killed', async () => {
    const nodes = [await node(), await node()];
    const endpoint = await startPushEndpoint(receiver);
    const pushed = await receiver.createStream({ delivery: endpoint.delivery });
    const polled = await receiver.createStream({});
    const people = await users(USERS, 0);
    const polledTold: Told[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const group = await giveGroup(
        test,
        `Group ${String(round).padStart(2, '0')}`,
        people.map(({ id }) => id),
      );
      if (round % 3 === 2)
        await test.app.memberships.remove(system, group.id, { userIds: [people[round % USERS]!.id] });
      for (let times = 0; times < 3; times += 1)
        endpoint.answers.push((res) => (times === 1 ? res.destroy() : res.writeHead(503).end()));
      if (round % 4 === 1) await receiver.poll(polled.stream_id).then((told) => polledTold.push(...told));
      if (round % 5 === 3) {
        await nodes.shift()!.stop('SIGKILL');
        nodes.push(await node());
      }
      await pause(200);
    }
    const truth = await Promise.all(
      people.map(async ({ id }) => {
        const found = await test.app.memberships.allGroupsOf(id);
        return found.map(({ name }) => name).sort();
      }),
    );
    const until = performance.now() + 100_000;
    const isComplete = (told: Told[]) =>
      people.every(({ id }, index) => JSON.stringify(latest(told, id)) === JSON.stringify({ groups: truth[index] }));
    while (!(isComplete(endpoint.told) && isComplete(polledTold)) && performance.now() < until) {
      endpoint.answers.length = 0;
      polledTold.push(...(await receiver.poll(polled.stream_id)));
      await pause(200);
    }
    for (const told of [endpoint.told, polledTold])
      expect(people.map(({ id }) => latest(told, id))).toEqual(truth.map((groups) => ({ groups })));
    endpoint.stop();
    for (const each of nodes) await each.stop();
    for (const { stream_id: id } of [pushed, polled]) await receiver.call('delete', `/stream?stream_id=${id}`);
  });

  it('is made up for when the database has forgotten what a node had not seen', async () => {
    const { stream_id: id } = await receiver.createStream({});
    let stop = keepRunning(test, 'follow-claim-changes');
    const [user] = await users(1, 100);
    await stop();
    await giveGroup(test, 'While nobody looked', [user!.id]);
    const positions = test.app.database.connection.collection('feed_positions');
    const token = { token: '8200000000000000012B0229296E04' };
    await positions.updateOne({ _id: 'claim-changes' } as object, { $set: token });
    stop = keepRunning(test, 'follow-claim-changes');
    const told = eventsOf(await receiver.pollFor(id, 1), 'token-claims-change');
    expect(told.map(({ sub, details }) => [sub, details['claims']])).toEqual([
      [user!.id, { groups: ['While nobody looked'] }],
    ]);
    await stop();
    await receiver.call('delete', `/stream?stream_id=${id}`);
  });

  it('of a group with many members is told while other changes are told at once', async () => {
    const { stream_id: id } = await receiver.createStream({});
    const stop = keepRunning(test, 'follow-claim-changes');
    const [single] = await users(1, 200);
    const crowd = await users(3, 201);
    const known = test.app.database.connection.collection('application_users');
    const template = await known.findOne({ userId: crowd[0]!.id });
    const everyone = test.app.database.connection.collection('users');
    const original = await everyone.findOne({ _id: crowd[0]!.id as never });
    const many = Array.from({ length: 2000 }, (_, index) => `aaaa${String(index).padStart(12, '0')}`);
    const copies = many.map((userId) => ({
      ...original!,
      _id: userId as never,
      username: `${userId}@example.com`,
      order: Object.fromEntries(Object.keys(original!['order'] as object).map((key) => [key, `${key} ${userId}`])),
    }));
    await everyone.insertMany(copies);
    const { _id, ...rest } = template!;
    await known.insertMany(many.map((userId) => ({ ...rest, userId, sub: userId })));
    const large = await giveGroup(test, 'Large');
    for (let from = 0; from < many.length; from += 200)
      await test.app.memberships.add(system, large.id, { userIds: many.slice(from, from + 200) });
    expect(await receiver.pollFor(id, many.length)).toHaveLength(many.length);
    await test.app.groups.update(system, large.id, { name: 'Huge' });
    await pause(300);
    await giveGroup(test, 'Small', [single!.id]);
    const told: Told[] = [];
    while (told.length < many.length + 1) told.push(...(await receiver.poll(id)));
    const place = told.findIndex(({ sub }) => sub === single!.id);
    expect(place).toBeLessThan(many.length - 200);
    expect(new Set(eventsOf(told, 'token-claims-change').map(({ sub }) => sub)).size).toBe(many.length + 1);
    await stop();
  });
});
