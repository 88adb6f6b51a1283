import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlainBrowser, type PlainBrowser } from '../../src/demo/plain-browser.ts';
import type { Person } from '../../src/directory/users/user.ts';
import { ENDINGS, NARROW_ENDINGS, resetLinkTo, type Ending } from '../support/endings.ts';
import { codeOf, cookieHeader, giveTotp } from '../support/factors.ts';
import { adminToken, giveApplication, givePerson, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

/** The table in `docs/operations.md`: for each event, what becomes of each thing. */
function documentedTable(): { event: string; cells: Record<string, string> }[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, section = ''] = /## What ends what\n([\s\S]*?)\n## /.exec(text) ?? [];
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [[, ...things] = [], , ...lines] = rows;
  return lines.map(([event = '', ...cells]) => ({
    event,
    cells: Object.fromEntries(things.map((thing, index) => [thing, cells[index] ?? ''])),
  }));
}

/** Something open of a user's: made on one node, and tried on both after the event. */
interface Open {
  person: Person;
  /** Whether it still opens anything, on this node. */
  isGood(node: TestApp): Promise<boolean>;
}

describe('what ends what, as it is documented', () => {
  const table = documentedTable();
  const endings = new Map([...ENDINGS, ...NARROW_ENDINGS].map((ending) => [ending.name, ending]));
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
    application = await giveApplication(test);
    party = await relyingParty(test, application);
  });
  afterAll(async () => {
    await other.app.stop();
    await test.tearDown();
  });

  const asApplication = ({ http }: TestApp, path: string, fields: Record<string, string>) =>
    http.post(path).auth(application.id, application.secret).type('form').send(fields);

  async function somebody() {
    const person = await givePerson(test, `grace-${(people += 1)}@example.com`);
    return { person, ...(await giveTotp(test, person)) };
  }

  /** As far as the redirect URI, with the code that is in it. */
  async function completeSignIn(remember = {}) {
    const { person, secret } = await somebody();
    const half = await party.authorize({ login: person.username, scope: 'openid offline_access' });
    const visit = await half.browser.press(half.visit, 'submit', { code: codeOf(secret), ...remember });
    return { person, secret, ...half, visit };
  }

  async function signIn() {
    const arrived = await completeSignIn();
    return { ...arrived, tokens: await party.redeem(arrived) };
  }

  const THINGS: Record<string, () => Promise<Open>> = {
    async 'sign-in in progress'() {
      const { person } = await somebody();
      const browser = createPlainBrowser({ stopAt: [`${test.issuer}/auth/`, REDIRECT_URI] });
      const half = await party.authorize({ login: person.username, browser });
      // The browser's cookies are those of one node.
      const isGood = async (node: TestApp) =>
        node === test && (await browser.open(half.visit.address)).html.includes('name="code"');
      return { person, isGood };
    },
    async session() {
      const { person, browser } = await completeSignIn();
      return { person, isGood: (node) => isSignedIn(node, browser) };
    },
    async 'refresh token'() {
      const { person, tokens } = await signIn();
      const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! };
      return { person, isGood: async (node) => (await asApplication(node, '/token', fields)).status === 200 };
    },
    async 'access token'() {
      const { person, tokens } = await signIn();
      const { access_token: accessToken } = tokens;
      const isGood = async (node: TestApp) => {
        const userinfo = await node.http.get('/me').set('authorization', `Bearer ${accessToken}`);
        const introspection = await asApplication(node, '/token/introspection', { token: accessToken });
        return userinfo.status === 200 || introspection.body.active === true;
      };
      return { person, isGood };
    },
    async 'authorization code'() {
      const { person, visit, verifier } = await completeSignIn();
      const code = new URL(visit.address).searchParams.get('code')!;
      const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
      return { person, isGood: async (node) => (await asApplication(node, '/token', fields)).status === 200 };
    },
    async 'device code'() {
      const { person, browser } = await completeSignIn();
      const native = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
      const started = await test.http.post('/device/auth').type('form').send({ client_id: native.id, scope: 'openid' });
      const { device_code: deviceCode, user_code: userCode } = started.body as Record<string, string>;
      const page = await browser.open(`${test.issuer}/device`);
      const confirm = await browser.press(page, 'submit', { user_code: userCode! });
      const consent = await browser.press(confirm, 'device-confirm');
      await browser.press(consent, 'consent-submit');
      const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
      const fields = { client_id: native.id, grant_type: grantType, device_code: deviceCode };
      const isGood = async ({ http }: TestApp) => (await http.post('/token').type('form').send(fields)).status === 200;
      return { person, isGood };
    },
    async 'trusted device'() {
      const { person, browser } = await completeSignIn({ remember: 'yes' });
      const cookies = browser.cookies().find((cookie) => cookie.startsWith('cohort_remembered='))!;
      const isGood = async ({ app }: TestApp) => {
        const found = await app.users.get(person.id).catch(() => undefined);
        const [, value] = cookies.split('=');
        return found !== undefined && (await app.mfa.trustedDevices.isTrusted(found, value));
      };
      return { person, isGood };
    },
    async 'password reset link'() {
      const { person } = await somebody();
      await test.http.post('/recover').type('form').send({ email: person.username });
      const path = await resetLinkTo(test, person.username);
      return { person, isGood: async ({ http }) => (await http.get(path)).text.includes('password_again') };
    },
  };

  async function isSignedIn({ http }: TestApp, browser: PlainBrowser): Promise<boolean> {
    return (await http.get('/account').set('cookie', cookieHeader(browser))).status === 200;
  }

  it('names every event and every thing that the tests know, and no other', () => {
    expect(table.map(({ event }) => event).sort()).toEqual([...endings.keys()].sort());
    for (const { cells } of table) expect(Object.keys(cells).sort()).toEqual(Object.keys(THINGS).sort());
  });

  it.each(Object.keys(THINGS))('has something to end: %s', async (thing) => {
    const { isGood } = await THINGS[thing]!();
    expect(await isGood(test)).toBe(true);
  });

  async function fateOf(thing: string, { act }: Ending): Promise<string> {
    const { person, isGood } = await THINGS[thing]!();
    await act(other, person, token);
    const onBoth = [await isGood(other), await isGood(test)];
    return onBoth.some(Boolean) ? 'stays' : 'ends';
  }

  it.each(table)('$event', async ({ event, cells }) => {
    const seen = await Promise.all(
      Object.keys(cells).map(async (thing) => [thing, await fateOf(thing, endings.get(event)!)] as const),
    );
    expect(Object.fromEntries(seen)).toEqual(cells);
  });
});
