import * as client from 'openid-client';
import { createPlainBrowser, type PlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const ADA = 'ada@example.com';
const GRACE = 'grace@example.com';

describe('choosing an account', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let careful: Awaited<ReturnType<typeof relyingParty>>;
  let browser: PlainBrowser;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    test = await startApp();
    party = await relyingParty(test, await giveApplication(test));
    careful = await relyingParty(test, await giveApplication(test, { skipConsent: false, name: 'Careful' }));
    for (const login of [ADA, GRACE]) ids[login] = (await giveUser(test, login, { firstName: login.slice(0, 3) })).id;
  });
  afterAll(() => test.tearDown());
  beforeEach(async () => {
    browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    await party.signIn({ login: ADA, browser });
  });

  async function ask(parameters: Record<string, string>, of = party) {
    const request = await of.start({ scope: 'openid', parameters });
    return { ...request, visit: await browser.open(request.address.href) };
  }
  const signIn = (visit: Visit, login: string) => browser.press(visit, 'login-submit', { login, password: PASSWORD });
  const errorOf = ({ address }: Visit) => new URL(address).searchParams.get('error');
  async function subjectOf(request: Awaited<ReturnType<typeof ask>>, visit: Visit, of = party) {
    expect(errorOf(visit)).toBeNull();
    return (await of.redeem({ ...request, visit })).claims()?.sub;
  }

  it('is announced', async () => {
    const { body } = await test.http.get('/.well-known/openid-configuration');
    expect(body.prompt_values_supported).toContain('select_account');
  });

  it('goes on with the account of the session', async () => {
    const request = await ask({ prompt: 'select_account' });
    expect(request.visit.html).toContain('Continue as ada');
    const end = await browser.press(request.visit, 'account-continue');
    expect(await subjectOf(request, end)).toBe(ids[ADA]);
  });

  it('signs in with another, and only then ends the session and the grants of the first', async () => {
    const request = await ask({ prompt: 'select_account' });
    const form = await browser.press(request.visit, 'account-another');
    expect(form.html).toContain('login-submit');
    expect(form.html).not.toContain(ADA);
    // They have only looked.
    const looked = await ask({});
    expect(await subjectOf(looked, looked.visit)).toBe(ids[ADA]);
    const again = await browser.press((await ask({ prompt: 'select_account' })).visit, 'account-another');
    const signedIn = await signIn(again, GRACE);
    expect(signedIn.html).toContain('form-post');
    const end = await browser.press(signedIn, 'form-post');
    expect(end.address).toContain('code=');
    const silent = await ask({ prompt: 'none' });
    expect(await subjectOf(silent, silent.visit)).toBe(ids[GRACE]);
  });

  it('does not mix up what the two have allowed', async () => {
    const first = await careful.signIn({ login: ADA, browser });
    const request = await ask({ prompt: 'select_account' }, careful);
    const form = await browser.press(request.visit, 'account-another');
    const asked = await browser.press(await signIn(form, GRACE), 'form-post');
    expect(asked.html).toContain('consent-submit');
    const end = await browser.press(asked, 'consent-submit');
    expect(await subjectOf(request, end, careful)).toBe(ids[GRACE]);
    await expect(
      client.fetchUserInfo(careful.config, first.tokens.access_token, client.skipSubjectCheck),
    ).rejects.toThrow();
  });

  it('is not asked of somebody who is not signed in', async () => {
    browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const request = await ask({ prompt: 'select_account' });
    const end = await signIn(request.visit, GRACE);
    expect(await subjectOf(request, end)).toBe(ids[GRACE]);
  });

  it.each(['login select_account', 'select_account login'])('comes before the sign-in with %s', async (prompt) => {
    const request = await ask({ prompt });
    const form = await browser.press(request.visit, 'account-continue');
    expect(form.html).toContain(`value="${ADA}"`);
    expect(await subjectOf(request, await signIn(form, ADA))).toBe(ids[ADA]);
    const other = await ask({ prompt });
    const page = await signIn(await browser.press(other.visit, 'account-another'), GRACE);
    expect(await subjectOf(other, await browser.press(page, 'form-post'))).toBe(ids[GRACE]);
  });

  it('comes before consent with select_account consent', async () => {
    const request = await ask({ prompt: 'select_account consent' }, careful);
    const asked = await browser.press(request.visit, 'account-continue');
    const end = await browser.press(asked, 'consent-submit');
    expect(await subjectOf(request, end, careful)).toBe(ids[ADA]);
  });

  it('obeys login_hint', async () => {
    const same = await ask({ login_hint: 'ADA@example.com' });
    expect(await subjectOf(same, same.visit)).toBe(ids[ADA]);
    const other = await ask({ login_hint: GRACE });
    expect(other.visit.html).toContain(`Sign in as ${GRACE}`);
    const form = await browser.press(other.visit, 'account-another');
    expect(form.html).toContain(`value="${GRACE}"`);
    const end = await browser.press(await signIn(form, GRACE), 'form-post');
    expect(await subjectOf(other, end)).toBe(ids[GRACE]);
  });

  it('is answered with account_selection_required when nobody may be asked', async () => {
    expect(errorOf((await ask({ prompt: 'none', login_hint: GRACE })).visit)).toBe('account_selection_required');
    const same = await ask({ prompt: 'none', login_hint: ADA });
    expect(await subjectOf(same, same.visit)).toBe(ids[ADA]);
    // Not a username, so it says nothing.
    const alien = await ask({ prompt: 'none', login_hint: 'employee 17' });
    expect(await subjectOf(alien, alien.visit)).toBe(ids[ADA]);
  });

  it('can be cancelled', async () => {
    const { visit } = await ask({ prompt: 'select_account' });
    expect(errorOf(await browser.press(visit, 'cancel'))).toBe('access_denied');
  });

  it('shows responses by form_post in the look of other pages, for browsers without script too', async () => {
    const { visit } = await ask({ response_mode: 'form_post', ui_locales: 'de', state: `a"b'c&d<e>` });
    expect(visit.html).toContain('Es geht weiter zu');
    const value = /name="state" value="([^"]*)"/.exec(visit.html)?.[1];
    expect(value).toBe('a&#34;b&#39;c&amp;d&lt;e&gt;');
    expect(visit.html).toContain(`action="${REDIRECT_URI}"`);
    expect(visit.headers.get('content-security-policy')).not.toContain('form-action');
  });
});
