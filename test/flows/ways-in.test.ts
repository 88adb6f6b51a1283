import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { databaseUri, giveApplication, givePerson, PASSWORD, startHouse, type TestHouse } from '../support/app.ts';
import { startMailServer } from '../support/mail-server.ts';
import { relyingParty } from '../support/relying-party.ts';

const root = join(import.meta.dirname, '..', '..');
const TRIES = Number(process.env['COHORT_TEST_ENUMERATION'] ?? 200);
/** Generous: on a busy machine the medians of the same thing differ by some per cent. */
const BOUND = 0.25;

describe('from outside', () => {
  let test: TestHouse;

  beforeAll(async () => {
    const settings = {
      COHORT_SELF_REGISTRATION: 'open',
      COHORT_SIGN_IN_ATTEMPTS: '100000',
      COHORT_ACCOUNT_EMAILS_PER_HOUR: '100000',
      COHORT_ACCOUNT_EMAILS_PER_HOUR_PER_IP: '100000',
    };
    test = await startHouse({ settings });
    await givePerson(test, 'known@example.com');
  });
  afterAll(() => test.tearDown());

  const post = async (path: string, fields: Record<string, string>) => {
    const headers = { origin: test.issuer };
    const reply = await fetch(`${test.issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });
    return reply.text();
  };
  const ways: Record<string, (email: string) => Promise<() => Promise<unknown>>> = {
    async 'the sign-in'(email) {
      const party = await relyingParty(test, await giveApplication(test));
      const plain = createPlainBrowser();
      const page = await plain.open((await party.start()).address.href);
      return () => plain.press(page, 'login-submit', { login: email, password: 'Wrong#2026' });
    },
    registration: async (email) => () => post('/register', { email, password: PASSWORD, password_again: PASSWORD }),
    recovery: async (email) => () => post('/recover', { email }),
  };

  it.each(Object.keys(ways))(
    `nobody can tell by the time whether an address has an account: ${TRIES} tries at %s`,
    async (way) => {
      const tries = { known: await ways[way]!('known@example.com'), unknown: await ways[way]!('unknown@example.com') };
      const times = { known: [] as number[], unknown: [] as number[] };
      for (let i = -20; i < TRIES; i += 1) {
        // In turns, each as often first, so that whatever else the machine does hits both.
        for (const who of i % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
          const started = performance.now();
          await tries[who]();
          if (i >= 0) times[who].push(performance.now() - started);
        }
      }
      const [known, unknown] = [median(times.known), median(times.unknown)];
      const difference = Math.abs(known - unknown);
      process.stdout.write(
        `\n${way}: known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms, difference ${difference.toFixed(2)} ms\n`,
      );
      expect(difference).toBeLessThan(BOUND * Math.max(known, unknown));
    },
    30_000 + TRIES * 500,
  );
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('a node that is killed behind the answer', () => {
  it('loses no letter: the next one writes it', async () => {
    const uri = databaseUri();
    const mailServer = await startMailServer();
    const port = await freePort();
    const issuer = `http://localhost:${port}`;
    const settings = {
      COHORT_ISSUER: issuer,
      COHORT_PORT: String(port),
      COHORT_SELF_REGISTRATION: 'open',
      COHORT_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
      COHORT_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      COHORT_LOG_LEVEL: 'warn',
      COHORT_DATABASE: new URL(uri).pathname.slice(1),
      MONGODB_URI: uri,
    };
    const start = async () => {
      const env = { ...process.env, ...settings };
      const child = spawn(process.execPath, ['src/main.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('Listening on') && resolve());
        void gone.then(() => reject(new Error('Cohort ended before it listened.')));
      });
      return { kill: (signal: NodeJS.Signals) => (child.kill(signal), gone) };
    };
    const test = await startHouse({ uri });
    await givePerson(test, 'ada@example.com');
    const first = await start();
    const post = (path: string, fields: Record<string, string>) =>
      fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: issuer } });
    const fields = { password: PASSWORD, password_again: PASSWORD };
    const replies = await Promise.all([
      post('/recover', { email: 'ada@example.com' }),
      post('/register', { email: 'grace@example.com', ...fields }),
    ]);
    await first.kill('SIGKILL');
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);

    const second = await start();
    const deadline = Date.now() + 30_000;
    while (mailServer.letters.length < 2 && Date.now() < deadline) await pause(50);
    await second.kill('SIGTERM');
    expect(mailServer.letters.map(({ recipients }) => recipients[0]).sort()).toEqual([
      'ada@example.com',
      'grace@example.com',
    ]);
    await test.tearDown();
    await mailServer.stop();
  });
});
