import { createPlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import type { User } from '../../src/directory/users/user.ts';
import type { Ending } from '../support/endings.ts';
import { codeOf, cookieHeader, giveTotp } from '../support/factors.ts';
import {
  adminToken,
  giveApplication,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { isStill } from '../support/process.ts';
import { relyingParty } from '../support/relying-party.ts';

/** How far an attempt has come that goes one request at a time, and follows no redirect by itself. */
interface Attempt {
  user: User;
  secret: string;
  browser: ReturnType<typeof createPlainBrowser>;
  visit: Visit;
  verifier: string;
  tokens?: Record<string, string>;
}

/** A sign-in during which the sessions of its user are ended on another node, by each of these events. */
export function describeRevocationDuringSignIn(endings: Ending[]): void {
  let test: TestApp;
  let other: TestApp;
  let token: string;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let people = 0;

  beforeAll(async () => {
    test = await startApp();
    other = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    token = await adminToken(test);
    application = await giveApplication(test, { skipConsent: false });
    party = await relyingParty(test, application);
  });
  afterAll(async () => {
    await other.app.stop();
    await test.tearDown();
  });

  const follow = (attempt: Attempt) => attempt.browser.open(attempt.visit.address);
  const press = (fields: (attempt: Attempt) => Record<string, string>, button: string) => (attempt: Attempt) =>
    attempt.browser.press(attempt.visit, button, fields(attempt));

  /** One request each. Whoever is turned away ends on a page that has not got the form of the next. */
  const STEPS: [name: string, (attempt: Attempt) => Promise<Visit>][] = [
    ['the authorization request', async (attempt) => attempt.browser.open((await begin(attempt)).href)],
    ['the page that asks for the password', follow],
    ['the password', press(({ user }) => ({ login: user.username, password: PASSWORD }), 'login-submit')],
    ['the way back from the password', follow],
    ['the page that asks for the code', follow],
    ['the code', press(({ secret }) => ({ code: codeOf(secret) }), 'submit')],
    ['the way back from the code', follow],
    ['the page that asks for consent', follow],
    ['the consent', press(() => ({}), 'consent-submit')],
    ['the way back from the consent', follow],
    ['the code at the token endpoint', redeem],
  ];
  const PASSWORD_GIVEN = 3;

  async function begin(attempt: Attempt): Promise<URL> {
    const { address, verifier } = await party.start({ scope: 'openid offline_access' });
    attempt.verifier = verifier;
    return address;
  }

  async function redeem(attempt: Attempt): Promise<Visit> {
    const code = new URL(attempt.visit.address).searchParams.get('code');
    const reply = await test.http.post('/token').auth(application.id, application.secret).type('form').send({
      grant_type: 'authorization_code',
      code,
      code_verifier: attempt.verifier,
      redirect_uri: REDIRECT_URI,
    });
    if (reply.status === 200) attempt.tokens = reply.body as Record<string, string>;
    return attempt.visit;
  }

  async function newAttempt(): Promise<Attempt> {
    const user = await giveUser(test, `ada-${(people += 1)}@example.com`);
    const { secret } = await giveTotp(test, user);
    const browser = createPlainBrowser({ stopAt: [test.issuer, REDIRECT_URI] });
    return { user, secret, browser, visit: undefined as unknown as Visit, verifier: '' };
  }

  /** Goes on until something is in the way. */
  async function walk(attempt: Attempt, from: number, to: number): Promise<void> {
    for (const [, step] of STEPS.slice(from, to)) {
      try {
        attempt.visit = await step(attempt);
      } catch (error) {
        // The page has another form than the one that is wanted, or none.
        if (error instanceof Error && /has no form/.test(error.message)) return;
        throw error;
      }
    }
  }

  async function isSignedIn({ browser }: Attempt): Promise<boolean> {
    const cookie = cookieHeader(browser);
    const pages = await Promise.all([test, other].map(({ http }) => http.get('/account').set('cookie', cookie)));
    return pages.some(({ status }) => status === 200);
  }

  async function isAnyTokenGood({ tokens = {} }: Attempt): Promise<boolean> {
    const replies = await Promise.all(
      [test, other].flatMap(({ http }) => [
        http.get('/me').set('authorization', `Bearer ${tokens['access_token']}`),
        http
          .post('/token')
          .auth(application.id, application.secret)
          .type('form')
          .send({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? 'none' }),
      ]),
    );
    return replies.some(({ status }) => status === 200);
  }

  async function outcomeAt({ act }: Ending, position: number, { isLate = false } = {}) {
    const attempt = await newAttempt();
    await walk(attempt, 0, position);
    const writeAgain = isLate ? await keepWrites(attempt.user) : async () => {};
    await act(other, attempt.user, token);
    await writeAgain();
    await walk(attempt, position, STEPS.length);
    const seen = {
      isSignedIn: await isStill(() => isSignedIn(attempt)),
      isAnyTokenGood: await isStill(() => isAnyTokenGood(attempt)),
    };
    return { attempt, seen };
  }

  /** What requests in flight have read, and write behind the event that removed it. */
  async function keepWrites({ id }: User): Promise<() => Promise<void>> {
    const { connection } = test.app.database;
    const names = (await connection.db!.listCollections().toArray()).map(({ name }) => name);
    const kept = await Promise.all(
      names
        .filter((name) => name.startsWith('oidc_'))
        .map(async (name) => ({
          name,
          documents: await connection.collection(name).find({ accountId: id }).toArray(),
        })),
    );
    return async () => {
      for (const { name, documents } of kept)
        for (const document of documents)
          await connection.collection(name).replaceOne({ _id: document._id }, document, { upsert: true });
    };
  }

  const NOTHING = { isSignedIn: false, isAnyTokenGood: false };

  it('comes to its end when nothing happens', async () => {
    const { seen } = await outcomeAt({ name: 'nothing', act: async () => {} }, 5);
    expect(seen).toEqual({ isSignedIn: true, isAnyTokenGood: true });
  });

  describe.each(endings)('$name', (ending) => {
    it.each([
      ['', false],
      [', not even to requests in flight', true],
    ])('leaves nothing to go on with once the password was given%s', async (_, isLate) => {
      const positions = STEPS.map((_, index) => index + 1).filter((index) => index >= PASSWORD_GIVEN);
      const outcomes = await Promise.all(positions.map(async (position) => outcomeAt(ending, position, { isLate })));
      outcomes.forEach(({ attempt, seen }, index) => {
        const [step] = STEPS[positions[index]! - 1]!;
        expect({ after: step, ...seen }).toEqual({ after: step, ...NOTHING });
        // Without the temporary password nobody is let to choose the next one.
        expect(attempt.visit.html).not.toContain('name="password_again"');
      });
    });

    it('counts for what is proved afterwards only by what it changed', async () => {
      const { password = PASSWORD, name } = ending;
      const outcomes = await Promise.all([0, 1, 2].map((position) => outcomeAt(ending, position)));
      const isStillRight = password === PASSWORD;
      // Without a factor there is no code to ask for, and the steps behind the password are others.
      const isSameWay = isStillRight && !/actor/.test(name);
      for (const { seen } of outcomes) {
        if (isSameWay) expect(seen).toEqual({ isSignedIn: true, isAnyTokenGood: true });
        if (!isStillRight) expect(seen).toEqual(NOTHING);
      }
    });
  });
}
