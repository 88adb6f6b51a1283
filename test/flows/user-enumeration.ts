import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

/** Prepares requests with an email, which are then sent and timed. */
type Request = (test: TestApp, email: string) => Promise<() => Promise<unknown>>;

const REQUESTS: Record<string, Request> = {
  async 'the sign-in'(test, email) {
    const party = await relyingParty(test, await giveApplication(test));
    const plain = createPlainBrowser();
    const page = await plain.open((await party.start()).address.href);
    return () => plain.press(page, 'login-submit', { login: email, password: 'Wrong#2026' });
  },
  'self-registration': async (test, email) => () =>
    post(test, '/register', { email, password: PASSWORD, password_again: PASSWORD }),
  'password reset': async (test, email) => () => post(test, '/recover', { email }),
};

async function post({ issuer }: TestApp, path: string, fields: Record<string, string>): Promise<string> {
  const headers = { origin: issuer };
  const reply = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });
  return reply.text();
}

/**
 * Nobody can find out by response times whether an email has an account. The medians of `tries` requests of each kind
 * differ by less than `bound`, a part of the longer one: on a busy machine those of the same request differ by some per cent.
 */
export function describeEnumeration({ tries, bound }: { tries: number; bound: number }): void {
  let test: TestApp;
  beforeAll(async () => {
    const settings = {
      COHORT_SELF_REGISTRATION: 'open',
      COHORT_SIGN_IN_ATTEMPTS: '100000',
      COHORT_ACCOUNT_EMAILS_PER_HOUR: '100000',
      COHORT_ACCOUNT_EMAILS_PER_HOUR_PER_IP: '100000',
    };
    test = await startApp({ settings });
    await giveUser(test, 'known@example.com');
  });
  afterAll(() => test.tearDown());

  it.each(Object.keys(REQUESTS))(
    `the response time does not tell whether an email has an account: ${tries} tries at %s`,
    async (name) => {
      const { known, unknown } = await mediansOf(tries, {
        known: await REQUESTS[name]!(test, 'known@example.com'),
        unknown: await REQUESTS[name]!(test, 'unknown@example.com'),
      });
      const difference = Math.abs(known - unknown);
      process.stdout.write(
        `\n${name}: known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms, difference ${difference.toFixed(2)} ms\n`,
      );
      expect(difference).toBeLessThan(bound * Math.max(known, unknown));
    },
    30_000 + tries * 500,
  );
}

async function mediansOf(tries: number, send: Record<'known' | 'unknown', () => Promise<unknown>>) {
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let i = -20; i < tries; i += 1) {
    // In turns, each as often first, so that whatever else the machine does hits both.
    for (const who of i % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const started = performance.now();
      await send[who]();
      if (i >= 0) times[who].push(performance.now() - started);
    }
  }
  return { known: median(times.known), unknown: median(times.unknown) };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
