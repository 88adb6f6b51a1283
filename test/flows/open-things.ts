import { createPlainBrowser, type PlainBrowser } from '../../src/demo/plain-browser.ts';
import type { User } from '../../src/directory/users/user.ts';
import { resetLinkTo } from '../support/endings.ts';
import { codeOf, cookieHeader, giveTotp } from '../support/factors.ts';
import { giveApplication, giveUser, REDIRECT_URI, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

/** Something open of a user's: made on one node, and tried on both after an event. */
export interface Open {
  user: User;
  /** Whether it still opens anything, on this node. */
  isGood(node: TestApp): Promise<boolean>;
}

/** How to make everything that the table in `docs/operations.md` has a column for, on this node. */
export async function createOpenThings(test: TestApp): Promise<Record<string, () => Promise<Open>>> {
  const application = await giveApplication(test);
  const party = await relyingParty(test, application);
  let people = 0;

  const asApplication = ({ http }: TestApp, path: string, fields: Record<string, string>) =>
    http.post(path).auth(application.id, application.secret).type('form').send(fields);

  async function somebody() {
    const user = await giveUser(test, `grace-${(people += 1)}@example.com`);
    return { user, ...(await giveTotp(test, user)) };
  }

  /** As far as the redirect URI, with the code that is in it. */
  async function completeSignIn(remember = {}) {
    const { user, secret } = await somebody();
    const half = await party.authorize({ login: user.username, scope: 'openid offline_access' });
    const visit = await half.browser.press(half.visit, 'submit', { code: codeOf(secret), ...remember });
    return { user, secret, ...half, visit };
  }

  async function signIn() {
    const arrived = await completeSignIn();
    return { ...arrived, tokens: await party.redeem(arrived) };
  }

  return {
    async 'sign-in in progress'() {
      const { user } = await somebody();
      const browser = createPlainBrowser({ stopAt: [`${test.issuer}/auth/`, REDIRECT_URI] });
      const half = await party.authorize({ login: user.username, browser });
      // The browser's cookies are those of one node.
      const isGood = async (node: TestApp) =>
        node === test && (await browser.open(half.visit.address)).html.includes('name="code"');
      return { user, isGood };
    },
    async session() {
      const { user, browser } = await completeSignIn();
      return { user, isGood: (node) => isSignedIn(node, browser) };
    },
    async 'refresh token'() {
      const { user, tokens } = await signIn();
      const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! };
      return { user, isGood: async (node) => (await asApplication(node, '/token', fields)).status === 200 };
    },
    async 'access token'() {
      const { user, tokens } = await signIn();
      const { access_token: accessToken } = tokens;
      const isGood = async (node: TestApp) => {
        const userinfo = await node.http.get('/me').set('authorization', `Bearer ${accessToken}`);
        const introspection = await asApplication(node, '/token/introspection', { token: accessToken });
        return userinfo.status === 200 || introspection.body.active === true;
      };
      return { user, isGood };
    },
    async 'authorization code'() {
      const { user, visit, verifier } = await completeSignIn();
      const code = new URL(visit.address).searchParams.get('code')!;
      const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
      return { user, isGood: async (node) => (await asApplication(node, '/token', fields)).status === 200 };
    },
    async 'device code'() {
      const { user, browser } = await completeSignIn();
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
      return { user, isGood };
    },
    async 'trusted device'() {
      const { user, browser } = await completeSignIn({ remember: 'yes' });
      const cookies = browser.cookies().find((cookie) => cookie.startsWith('cohort_remembered='))!;
      const isGood = async ({ app }: TestApp) => {
        const found = await app.users.get(user.id).catch(() => undefined);
        const [, value] = cookies.split('=');
        return found !== undefined && (await app.mfa.trustedDevices.isTrusted(found, value));
      };
      return { user, isGood };
    },
    async 'password reset link'() {
      const { user } = await somebody();
      await test.http.post('/recover').type('form').send({ email: user.username });
      const path = await resetLinkTo(test, user.username);
      return { user, isGood: async ({ http }) => (await http.get(path)).text.includes('password_again') };
    },
  };
}

async function isSignedIn({ http }: TestApp, browser: PlainBrowser): Promise<boolean> {
  return (await http.get('/account').set('cookie', cookieHeader(browser))).status === 200;
}
