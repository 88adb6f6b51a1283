import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

const username = 'ada@example.com';
const address = '127.0.0.1';

describe('more sign-ins at once than passwords can be verified', () => {
  let test: TestApp;
  beforeAll(async () => {
    // Slow enough for a queue.
    test = await startApp({ settings: { COHORT_ARGON2_MEMORY_KIB: '16384', COHORT_SIGN_IN_ATTEMPTS: '3' } });
    await giveUser(test, username);
  });
  afterAll(() => test.tearDown());

  const occupy = (count: number) =>
    Promise.all(Array.from({ length: count }, () => test.app.credentials.hash('Another#2026')));

  it('are refused at once beyond a limit, with a time to come again, and do not count as attempts', async () => {
    const party = await relyingParty(test, await giveApplication(test, { skipConsent: true }));
    const { address: start } = await party.start();
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(start.href);
    const occupied = occupy(200);
    const began = performance.now();
    const refused = await Promise.allSettled(
      Array.from({ length: 20 }, () => test.app.credentials.verify(username, PASSWORD, { address })),
    );
    for (const outcome of refused)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', retryAfter: 5 } });
    expect(performance.now() - began).toBeLessThan(1000);
    const visit = await browser.press(page, 'login-submit', { login: username, password: PASSWORD });
    expect([visit.status, visit.headers.get('retry-after')]).toEqual([503, '5']);
    expect(visit.html).toContain('Many sign-ins in progress');
    await occupied;
    const again = await browser.press(page, 'login-submit', { login: username, password: PASSWORD });
    expect(again.address).toContain(`${REDIRECT_URI}?code=`);
  });

  it('are refused beyond a limit also when all come at the same moment', async () => {
    const logins = Array.from({ length: 200 }, (_, index) => `nobody-${index}@example.com`);
    const began = performance.now();
    const refusedAfter: number[] = [];
    const outcomes = await Promise.all(
      logins.map((login) =>
        test.app.credentials.verify(login, PASSWORD, { address }).then(
          () => 'verified',
          (error: unknown) => {
            refusedAfter.push(performance.now() - began);
            return (error as { code: string }).code;
          },
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'verified')).toHaveLength(150);
    expect(outcomes.filter((outcome) => outcome === 'overloaded')).toHaveLength(50);
    expect(Math.max(...refusedAfter)).toBeLessThan(1000);
  });

  it('wait for their turn up to the limit', async () => {
    const occupied = occupy(20);
    expect(await test.app.credentials.verify(username, PASSWORD, { address })).toMatchObject({ mark: 0 });
    await occupied;
  });
});
