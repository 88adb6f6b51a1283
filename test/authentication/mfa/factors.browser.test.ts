import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { darkPhone, describeInBrowser, faultsInBothLooks, connectToChromium, openPage } from '../../support/browser.ts';
import { codeOf, giveTotp } from '../../support/factors.ts';
import { giveApplication, givePerson, PASSWORD, startApp, type TestApp } from '../../support/app.ts';

/** A device with a passkey store of its own, that knows its owner at once (Web Authentication Level 3, section 11). */
async function addAuthenticator(page: Page): Promise<{ session: CDPSession; authenticatorId: string }> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { session, authenticatorId };
}

describeInBrowser('second factors, in a browser', () => {
  let test: TestApp;
  let browser: Browser;
  let start: string;
  let strict: string;
  let people = 0;
  let application: string;
  const server = createServer((_request, response) => response.end('the application'));

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_EMAIL_OTP: 'on' } });
    browser = await connectToChromium();
    await new Promise<void>((done) => server.listen(0, 'localhost', done));
    application = `http://localhost:${(server.address() as AddressInfo).port}`;
    const redirectUri = `${application}/callback`;
    const addressOf = ({ id }: { id: string }, more = {}) => {
      const request = { client_id: id, response_type: 'code', scope: 'openid', ...more };
      const query = new URLSearchParams({ ...request, redirect_uri: redirectUri });
      return `${test.issuer}/auth?${query.toString()}`;
    };
    start = addressOf(await giveApplication(test, { redirectUri }));
    strict = addressOf(await giveApplication(test, { redirectUri }), { acr_values: 'https://refeds.org/profile/mfa' });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await test.tearDown();
  });

  const somebody = () => givePerson(test, `ada-${(people += 1)}@example.com`, { firstName: 'Ada' });

  /**
   * The virtual authenticator chooses a passkey in the moment in which it is offered, so pages that are to show their
   * button must not offer any.
   */
  async function open(options: BrowserContextOptions = {}, { offersInField = false } = {}) {
    const opened = await openPage(browser, options);
    if (!offersInField)
      await opened.page.addInitScript(
        'if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false',
      );
    return opened;
  }

  async function giveName(page: Page, login: string): Promise<void> {
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('#login-submit');
  }

  const arrived = (page: Page) => page.waitForURL(`${application}/callback?code=**`);

  /** A passkey by way of My Account, and signed out again. */
  async function registerPasskey(page: Page, login: string): Promise<void> {
    await page.goto(`${test.issuer}/account/security/passkey`);
    await giveName(page, login);
    await page.fill('input[name=name]', 'My laptop');
    await page.click('#passkey-submit');
    await page.waitForSelector('#codes');
    await page.click('#continue');
    await page.waitForSelector('text=My laptop');
    await page.context().clearCookies();
  }

  it.each([
    ['with script', {}],
    ['without script, on a phone', { ...darkPhone, javaScriptEnabled: false }],
  ])('an authenticator app is set up on the way and used: %s', async (_name, options) => {
    const { page, complaints, close } = await open(options);
    const { username } = await somebody();
    await page.goto(strict);
    await giveName(page, username);
    await page.click('text=Authenticator app');
    const secret = (await page.textContent('#secret')) ?? '';
    await page.fill('input[name=code]', codeOf(secret));
    await page.click('#submit');
    expect(await page.locator('#codes li').count()).toBe(10);
    const [code] = await page.locator('#codes li').allTextContents();
    await page.click('#continue');
    await arrived(page);
    await page.context().clearCookies();
    await page.goto(start);
    await giveName(page, username);
    await page.fill('input[name=code]', codeOf(secret, { steps: 1 }));
    await page.click('#submit');
    await arrived(page);
    await page.context().clearCookies();
    await page.goto(start);
    await giveName(page, username);
    await page.click('text=Use a recovery code');
    await page.fill('input[name=code]', code!.trim());
    await page.check('input[name=remember]');
    await page.click('#submit');
    await arrived(page);
    await page.context().clearCookies({ name: 'session' });
    await page.goto(start);
    await giveName(page, username);
    await arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey signs in by its button, without a name', async () => {
    const { page, complaints, close } = await open();
    await addAuthenticator(page);
    await registerPasskey(page, (await somebody()).username);
    await page.goto(strict);
    await page.click('#passkey-submit');
    await arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey signs in from what the browser offers for the field of the name, with nothing pressed', async () => {
    const { page, complaints, close } = await open({}, { offersInField: true });
    await addAuthenticator(page);
    await registerPasskey(page, (await somebody()).username);
    await page.goto(strict);
    await arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey is a second factor after the password; when none comes, the page says so and lets try again', async () => {
    const { page, complaints, close } = await open();
    const { session, authenticatorId } = await addAuthenticator(page);
    const { username } = await somebody();
    await registerPasskey(page, username);
    await page.goto(start);
    await giveName(page, username);
    await page.waitForSelector('text=Verify it’s you');
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
    await session.send('WebAuthn.clearCredentials', { authenticatorId });
    await page.click('#passkey-submit');
    await page.waitForSelector('[data-failed]:not([hidden])');
    await session.send('WebAuthn.addCredential', { authenticatorId, credential: credentials[0]! });
    await page.click('#passkey-submit');
    await arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey is renamed and removed in My Account', async () => {
    const { page, complaints, close } = await open();
    await addAuthenticator(page);
    await registerPasskey(page, (await somebody()).username);
    await page.goto(`${test.issuer}/account/security`);
    await page.click('#passkey-submit');
    await page.waitForSelector('text=My laptop');
    await page.click('summary');
    await page.fill('input[name=name]', 'The old one');
    await page.click('button[name=rename]');
    await page.waitForSelector('text=Passkey renamed.');
    await page.waitForSelector('text=The old one');
    await page.click('button[name=remove]');
    await page.waitForSelector('text=Sign-in method removed.');
    expect(complaints).toEqual([]);
    await close();
  });

  it('without script there is no button for a passkey, and nothing is lost', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    await page.goto(start);
    expect(await page.locator('#passkey-submit').isVisible()).toBe(false);
    await giveName(page, (await somebody()).username);
    await arrived(page);
    await close();
  });

  const half = async (page: Page, address = start) => {
    const person = await somebody();
    await giveTotp(test, person);
    await page.goto(address);
    await giveName(page, person.username);
  };
  const inAccount = async (page: Page, path: string) => {
    await page.goto(`${test.issuer}${path}`);
    await giveName(page, (await somebody()).username);
  };
  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    'sign-in with passkey': (page) => page.goto(start),
    'code from an app': half,
    'wrong code': async (page) => {
      await half(page);
      await page.fill('input[name=code]', '000000');
      await page.click('#submit');
    },
    'recovery code': async (page) => {
      await half(page);
      await page.click('text=Use a recovery code');
    },
    'choice of a factor': async (page) => {
      await page.goto(strict);
      await giveName(page, (await somebody()).username);
    },
    'setting up an app': async (page) => {
      await pages['choice of a factor']!(page);
      await page.click('text=Authenticator app');
    },
    'setting up a passkey': async (page) => {
      await pages['choice of a factor']!(page);
      await page.click('text=Passkey');
    },
    'recovery codes': async (page) => {
      await pages['setting up an app']!(page);
      await page.fill('input[name=code]', codeOf((await page.textContent('#secret')) ?? ''));
      await page.click('#submit');
      await page.waitForSelector('#codes');
    },
    'passkey as a second factor': async (page) => {
      await addAuthenticator(page);
      const { username } = await somebody();
      await registerPasskey(page, username);
      await page.goto(start);
      await giveName(page, username);
      await page.waitForSelector('text=Use passkey');
    },
    'security, nothing yet': (page) => inAccount(page, '/account/security'),
    'security, everything': async (page) => {
      await addAuthenticator(page);
      const person = await somebody();
      await registerPasskey(page, person.username);
      const { secret } = await giveTotp(test, person);
      await page.goto(start);
      await giveName(page, person.username);
      await page.click('text=Use a code from');
      await page.fill('input[name=code]', codeOf(secret));
      await page.check('input[name=remember]');
      await page.click('#submit');
      await arrived(page);
      await page.goto(`${test.issuer}/account/security`);
      await page.click('summary');
    },
    'adding an app': (page) => inAccount(page, '/account/security/totp'),
    'adding a passkey': (page) => inAccount(page, '/account/security/passkey'),
    'overview with security': (page) => inAccount(page, '/account'),
  };

  it.each(Object.keys(pages))('pleases axe and keeps the Content-Security-Policy, dark and light: %s', async (name) => {
    const { page, complaints, close } = await open(darkPhone);
    await pages[name]!(page);
    await page.waitForSelector('h1');
    expect([...(await faultsInBothLooks(page, `second factors - ${name}`)), ...complaints]).toEqual([]);
    await close();
  });
});
