import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import { basePathOf } from '../../src/platform/issuer.ts';
import { ENCRYPTION_KEYS, giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { startProcess, type Started } from '../support/process.ts';
import { relyingParty } from '../support/relying-party.ts';

const WORKERS = 3;
/** What a request takes at the most, on a machine with other things to do. */
const MARGIN_MS = 500;

describe('workers that share a change stream', () => {
  let here: TestApp;
  let workers: Started;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  /** Connections are handed to workers in turn, so each of these leads to another one. */
  const agents = Array.from({ length: WORKERS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  let count = 0;
  beforeAll(async () => {
    here = await startApp();
    party = await relyingParty(here, await giveApplication(here));
    workers = await startProcess({
      MONGODB_URI: here.uri,
      COHORT_ISSUER: here.issuer,
      COHORT_ENCRYPTION_KEYS: ENCRYPTION_KEYS.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
      COHORT_WORKERS: String(WORKERS),
    });
  });
  afterAll(async () => {
    for (const agent of agents) agent.destroy();
    await workers.stop();
    await here.tearDown();
  });

  const port = () => /Listening on .*:(\d+)/.exec(workers.output())![1];

  async function signedIn() {
    const user = await giveUser(here, `user-${(count += 1)}@example.com`);
    const { tokens } = await party.signIn({ login: user.username, scope: 'openid' });
    const me = (agent: Agent) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: `Bearer ${tokens.access_token}` };
        const sent = request(
          `http://localhost:${port()}${basePathOf(here.issuer)}/me`,
          { agent, headers },
          (response) => response.resume().on('end', () => resolve(response.statusCode)),
        );
        sent.on('error', reject).end();
      });
    return { user, ask: () => Promise.all(agents.map(me)) };
  }

  /** Asks all workers until all refuse; how long that took. */
  async function untilRefused(ask: () => Promise<(number | undefined)[]>): Promise<number> {
    const from = performance.now();
    while ((await ask()).some((status) => status === 200)) {
      if (performance.now() - from > 10_000) throw new Error('It is not refused.');
      await pause(10);
    }
    return performance.now() - from;
  }

  /** Of those that follow what is remembered, not those that deliver events. */
  async function changeStreams(): Promise<number> {
    const admin = here.app.database.connection.getClient().db('admin');
    const name = here.app.database.connection.name;
    const open = await admin.aggregate([{ $currentOp: { idleCursors: true } }]).toArray();
    return open.filter((one) => {
      const text = JSON.stringify(one['cursor']?.originatingCommand ?? one['command'] ?? {});
      return one['ns']?.startsWith(`${name}.`) && text.includes('$changeStream') && text.includes('change_feed_marks');
    }).length;
  }

  it('have one for all of them', async () => {
    const { ask } = await signedIn();
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual([200, 200, 200]);
    // The other is that of the node in this process.
    expect(await changeStreams()).toBe(2);
  });

  it('ask the database little: what each has asked once, it remembers', async () => {
    const { ask } = await signedIn();
    for (let times = 0; times < 5; times += 1) await ask();
    const before = await reads();
    for (let times = 0; times < 50; times += 1) await ask();
    // None of 150, or of one moment when the machine was busy.
    expect((await reads()) - before).toBeLessThan(30);
  });

  /** How often the database was asked for what userinfo needs. */
  async function reads(): Promise<number> {
    const { connection } = here.app.database;
    const { totals } = await connection.getClient().db('admin').command({ top: 1 });
    const names = ['users', 'oidc_grants', 'oidc_sessions', 'applications'].map((name) => `${connection.name}.${name}`);
    const queries = totals as Record<string, { queries: { count: number } } | undefined>;
    return names.reduce((sum, name) => sum + (queries[name]?.queries.count ?? 0), 0);
  }

  it('refuse within a second what another node has ended, and never accept it again', async () => {
    const { user, ask } = await signedIn();
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual([200, 200, 200]);
    await here.app.users.disable(system, user.id);
    expect(await untilRefused(ask)).toBeLessThan(CURRENT_MS + MARGIN_MS);
    for (let times = 0; times < 10; times += 1) expect(await ask()).toEqual([401, 401, 401]);
  });

  it('refuse it within a second although the process that has the change stream is frozen', async () => {
    const { user, ask } = await signedIn();
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual([200, 200, 200]);
    workers.child.kill('SIGSTOP');
    try {
      await here.app.users.disable(system, user.id);
      expect(await untilRefused(ask)).toBeLessThan(CURRENT_MS + MARGIN_MS);
    } finally {
      workers.child.kill('SIGCONT');
    }
    for (let times = 0; times < 10; times += 1) expect(await ask()).toEqual([401, 401, 401]);
  });
});
