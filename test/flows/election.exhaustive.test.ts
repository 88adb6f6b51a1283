import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startReplicaSet } from '../support/replica-set.ts';

/** What a request takes at the most, on a machine with other things to do. */
const MARGIN_MS = 500;

describe.each(['SIGKILL', 'SIGSTOP'] as const)('an election, after %s of the primary', (signal) => {
  let set: Awaited<ReturnType<typeof startReplicaSet>>;
  let here: TestApp;
  let elsewhere: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  beforeAll(async () => {
    set = await startReplicaSet();
    here = await startApp({ uri: set.uri });
    elsewhere = await startApp({ uri: set.uri, settings: { COHORT_ISSUER: here.issuer } });
    party = await relyingParty(here, await giveApplication(here));
  });
  afterAll(async () => {
    await elsewhere.app.stop();
    await here.app.stop();
    await set.stop();
  });

  async function signedIn(login: string) {
    const user = await giveUser(here, login);
    const { tokens } = await party.signIn({ login, scope: 'openid' });
    const me = async (node = elsewhere) =>
      (await node.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`)).status;
    return { user, me };
  }

  /** Calls until it works: there is no primary for some seconds. */
  async function insistently(act: () => Promise<unknown>): Promise<void> {
    const end = performance.now() + 60_000;
    for (;;) {
      try {
        return void (await act());
      } catch (error) {
        if (performance.now() > end) throw error;
        await pause(100);
      }
    }
  }

  it('brings nothing back that had ended, and lets nothing end later than a second after', async () => {
    const ended = await signedIn('ended@example.com');
    const disabled = await signedIn('disabled@example.com');
    const stays = await signedIn('stays@example.com');
    for (const { me } of [ended, disabled, stays]) expect([await me(), await me()]).toEqual([200, 200]);
    await here.app.users.disable(system, ended.user.id);

    /** Every response from before the election to its end and beyond. */
    const seen: { at: number; ended: number; disabled: number; stays: number }[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const at = performance.now();
        const [one, two, three] = await Promise.all([ended.me(), disabled.me(), stays.me()]);
        seen.push({ at, ended: one, disabled: two, stays: three });
        await pause(20);
      }
    })();
    await pause(CURRENT_MS + MARGIN_MS);
    const endedFor = performance.now();
    const former = await set.signalPrimary(signal);
    await insistently(() => here.app.users.disable(system, disabled.user.id));
    const disabledAt = performance.now();
    await pause(2 * CURRENT_MS + MARGIN_MS);
    if (signal === 'SIGSTOP') former.child.kill('SIGCONT');
    await insistently(async () => {
      const statuses = [await stays.me(), await stays.me(here)];
      if (statuses.some((status) => status !== 200)) throw new Error(`Not yet: ${statuses.join()}`);
    });
    await pause(2 * CURRENT_MS);
    isOver = true;
    await watching;

    expect(seen.filter(({ at }) => at > endedFor).filter((each) => each.ended === 200)).toEqual([]);
    expect(
      seen.filter(({ at }) => at > disabledAt + CURRENT_MS + MARGIN_MS).filter((each) => each.disabled === 200),
    ).toEqual([]);
    // While nobody can be asked, the answer is 503; it is never that the token is not good.
    expect([...new Set(seen.map((each) => each.stays))].filter((status) => status !== 200 && status !== 503)).toEqual(
      [],
    );
    expect([await ended.me(), await disabled.me(), await stays.me()]).toEqual([401, 401, 200]);
  });
});
