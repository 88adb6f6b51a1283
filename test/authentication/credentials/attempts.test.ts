import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createRateLimit } from '../../../src/administration/admin-api/rate-limit.mongo.ts';
import { writeDeferred } from '../../../src/platform/db/deferred-writes.mongo.ts';
import { createAttemptLimits, createRequestLimits } from '../../../src/authentication/credentials/rate-limits.mongo.ts';
import { createGrowingWaits } from '../../../src/authentication/credentials/sign-in-backoff.mongo.ts';
import { createCodeLimits } from '../../../src/authentication/mfa/code-limits.mongo.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { letLimitsAge, waitOf } from '../../support/limits.ts';
import { relyingParty } from '../../support/relying-party.ts';

const FREE = 10;
const MINUTE_MS = 60_000;
const address = '127.0.0.1';

describe('the limits on attempts', () => {
  let fast: TestApp;
  let slow: TestApp;

  beforeAll(async () => {
    const settings = { COHORT_SIGN_IN_ATTEMPTS: String(FREE) };
    fast = await startApp({ settings, now: () => new Date(Date.now() + MINUTE_MS / 2) });
    slow = await startApp({
      uri: fast.uri,
      settings: { ...settings, COHORT_ISSUER: fast.issuer },
      now: () => new Date(Date.now() - MINUTE_MS / 2),
    });
  });
  afterAll(async () => {
    await slow.app.stop();
    await fast.tearDown();
  });

  /** Runs `work` as on a machine whose clock is wrong by so much. */
  async function withClockOff<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const RealDate = Date;
    const shifted = () => RealDate.now() + ms;
    globalThis.Date = class extends RealDate {
      constructor(...given: [] | [number]) {
        super(given[0] ?? shifted());
      }
      static override now = shifted;
    } as DateConstructor;
    try {
      return await work();
    } finally {
      globalThis.Date = RealDate;
    }
  }

  const someone = () => giveUser(fast, `${newId()}@example.com`);
  const verify = async ({ app }: TestApp, username: string, password: string) =>
    (await app.credentials.verify(username, password, { address }))?.userId;

  async function eightAtATime<T>(task: (index: number) => Promise<T>): Promise<T[]> {
    const outcomes: T[] = [];
    let next = 0;
    const oneAfterTheOther = async () => {
      while (next < 80) outcomes.push(await task(next++));
    };
    await Promise.all(Array.from({ length: 8 }, oneAfterTheOther));
    return outcomes;
  }

  it('turn nobody away who signs in with the right password, eight at a time', async () => {
    const { id, username } = await someone();
    const party = await relyingParty(fast, await giveApplication(fast));
    const arrivals = await eightAtATime(async () => {
      const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
      const page = await browser.open((await party.start()).address.href);
      const { status, address: end } = await browser.press(page, 'login-submit', {
        login: username,
        password: PASSWORD,
      });
      return `${status} ${end.split('?')[0]}`;
    });
    expect(arrivals).toEqual(Array(80).fill(`303 ${REDIRECT_URI}`));
    expect(await fast.app.credentials.lockOf(id)).toEqual({ failedAttempts: 0 });
  });

  it('turn nobody away with the right password on nodes whose clocks differ', async () => {
    const { id, username } = await someone();
    const arrivals = await eightAtATime((index) => verify(index % 2 === 0 ? fast : slow, username, PASSWORD));
    expect(arrivals).toEqual(Array(80).fill(id));
  });

  it('make nobody wait after one failure on a node whose clock is a minute ahead', async () => {
    const { id, username } = await someone();
    expect(await verify(fast, username, 'Wrong#1')).toBeUndefined();
    expect(await verify(slow, username, PASSWORD)).toBe(id);
  });

  it('make the same wait on nodes whose clocks differ by a minute', async () => {
    const { id, username } = await someone();
    for (let i = 0; i <= FREE; i += 1) {
      const node = i % 2 === 0 ? fast : slow;
      const attempt = verify(node, username, 'Wrong#1');
      await (i < FREE
        ? expect(attempt).resolves.toBeUndefined()
        : expect(attempt).rejects.toMatchObject({ kind: 'limited' }));
    }
    for (const node of [fast, slow]) {
      const { retryAfter } = (await verify(node, username, PASSWORD).catch((error: unknown) => error)) as {
        retryAfter: number;
      };
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(5);
      expect((await node.app.credentials.lockOf(id)).until).toEqual((await waitOf(fast, username))?.until);
    }
    await letLimitsAge(fast, 5);
    for (const node of [fast, slow]) expect(await node.app.credentials.lockOf(id)).toEqual({ failedAttempts: FREE });
    expect(await verify(slow, username, PASSWORD)).toBe(id);
  });

  it('let a free attempt in that is counted after a later one', async () => {
    const { connection } = fast.app.database;
    const waits = createGrowingWaits(connection, { free: FREE });
    const stored = connection.collection<{ _id: string }>('sign_in_backoff');
    const key = newId();
    // What an update writes whose time is later than that of the next to be applied.
    const later = new Date(Date.now() + MINUTE_MS);
    await stored.insertOne({ _id: key, failures: 1, admitted: true, until: later, expiresAt: later } as {
      _id: string;
    });
    expect(await waits.take(key)).toBe(0);
    expect(await stored.findOne({ _id: key })).toMatchObject({ failures: 2, admitted: true });
    expect(await stored.findOne({ _id: key })).not.toHaveProperty('until');
  });

  it('forget an account after a day without an attempt, by the clock of the database', async () => {
    const { id, username } = await someone();
    for (let i = 0; i < FREE; i += 1) await withClockOff(10 * MINUTE_MS, () => verify(slow, username, 'Wrong#1'));
    await letLimitsAge(fast, 24 * 3600);
    expect(await fast.app.credentials.lockOf(id)).toEqual({ failedAttempts: 0 });
    for (let i = 0; i < FREE; i += 1) expect(await verify(slow, username, 'Wrong#1')).toBeUndefined();
  });

  it('count down by the clock of the database, whatever the clock of the node says', async () => {
    const { connection } = fast.app.database;
    const requests = createRequestLimits(connection, 'test', {
      accountRequests: 2,
      accountRequestsByAddress: 1000,
    });
    const codes = createCodeLimits(connection, { attempts: 2 });
    const attempts = createAttemptLimits(connection, { byAccount: 1000, byAddress: 2 });
    const rate = createRateLimit(connection, 2);
    const key = newId();
    const counted = [
      { seconds: 3600, count: () => requests.count(key, '192.0.2.1') },
      { seconds: 15 * 60, count: () => codes.begin(key) },
      { seconds: 15 * 60, count: () => attempts.begin(newId(), { address: '192.0.2.2' }) },
    ];
    for (const { seconds, count } of counted) {
      await withClockOff<unknown>(10 * MINUTE_MS, count);
      await withClockOff<unknown>(-10 * MINUTE_MS, count);
      const { retryAfter } = (await Promise.resolve(count()).catch((error: unknown) => error)) as {
        retryAfter: number;
      };
      expect(retryAfter).toBeGreaterThan(seconds - 60);
      expect(retryAfter).toBeLessThanOrEqual(seconds);
      await letLimitsAge(fast, seconds);
      await count();
    }
    await withClockOff(10 * MINUTE_MS, () => rate(key));
    expect(await rate(key)).toMatchObject({ remaining: 0, quota: 2 });
    await expect(rate(key)).rejects.toMatchObject({ kind: 'limited', rate: { remaining: 0 } });
    await letLimitsAge(fast, 60);
    // Another process, which has not noticed that the service is over the limit.
    expect(await createRateLimit(connection, 2)(key)).toMatchObject({ remaining: 1 });
  });

  it('count fifty at once of which none overtakes another', async () => {
    const { connection } = fast.app.database;
    const limits = createAttemptLimits(connection, { byAccount: 1000, byAddress: 20 });
    const begin = () =>
      limits.begin(newId(), { address: '192.0.2.3' }).then(
        () => 'in',
        () => 'out',
      );
    const outcomes = await Promise.all(Array.from({ length: 50 }, begin));
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(20);
  });

  it('let through the requests of a service that its quota has, on two nodes together, in portions', async () => {
    const { connection } = fast.app.database;
    const nodes = [createRateLimit(connection, 1000), createRateLimit(connection, 1000)];
    const key = newId();
    const request = async (rate: (typeof nodes)[number]) =>
      rate(key).then(
        ({ remaining }) => remaining,
        () => undefined,
      );
    const outcomes = await Promise.all(nodes.flatMap((rate) => Array.from({ length: 1500 }, () => request(rate))));
    expect(outcomes.filter((remaining) => remaining !== undefined)).toHaveLength(1000);
    expect(Math.min(...outcomes.map((remaining) => remaining ?? 0))).toBe(0);
    const { points } = (await connection.collection('request_rates').findOne({ key: `service:${key}` })) as {
      points?: number;
    };
    // Refused from memory: none but the last portions were asked for in vain.
    expect(points).toBeLessThanOrEqual(1020);
  });

  it('give an address back what a successful attempt took, and nothing beyond', async () => {
    const { connection } = fast.app.database;
    const limits = createAttemptLimits(connection, { byAccount: 1000, byAddress: 2 });
    const origin = { address: '192.0.2.4' };
    await limits.begin(newId(), origin);
    for (let i = 0; i < 5; i += 1) limits.succeed(newId(), origin);
    for (let i = 0; i < 2; i += 1) await limits.begin(newId(), origin);
    await expect(limits.begin(newId(), origin)).rejects.toMatchObject({ kind: 'limited' });
  });

  it('forget in a moment, for all nodes, what came before a successful attempt', async () => {
    const { connection } = fast.app.database;
    const node = createAttemptLimits(connection, { byAccount: 2, byAddress: 3 });
    const other = createAttemptLimits(connection, { byAccount: 2, byAddress: 3 });
    const account = newId();
    const origin = { address: '192.0.2.5' };
    for (let i = 0; i < 2; i += 1) await node.begin(account, origin);
    node.succeed(account, origin);
    expect(await node.look(account)).toEqual({ failedAttempts: 0 });
    await writeDeferred(connection);
    expect(await other.look(account)).toEqual({ failedAttempts: 0 });
    for (let i = 0; i < 2; i += 1) await other.begin(account, origin);
    await expect(other.begin(newId(), origin)).rejects.toMatchObject({ kind: 'limited' });
  });

  it('start afresh with the next attempt at the same node, before anything is written', async () => {
    const { connection } = fast.app.database;
    const limits = createAttemptLimits(connection, { byAccount: 1, byAddress: 1 });
    const account = newId();
    for (let i = 0; i < 5; i += 1) {
      await limits.begin(account, { address: '192.0.2.6' });
      limits.succeed(account, { address: '192.0.2.6' });
    }
    await limits.begin(account, { address: '192.0.2.6' });
    await expect(limits.begin(account, { address: '192.0.2.7' })).rejects.toMatchObject({ kind: 'limited' });
  });
});
