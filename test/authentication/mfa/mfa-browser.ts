import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { connectToChromium, type OpenedPage, openPage, type Pages } from '../../support/browser.ts';
import { codeOf, giveTotp } from '../../support/factors.ts';
import { giveApplication, giveUser, PASSWORD, startApp, type TestApp } from '../../support/app.ts';

export type MfaBrowser = Awaited<ReturnType<typeof startMfaBrowser>>;

/** Chromium in front of two applications: one that signs in as usual (`start`), and one that requires MFA (`strict`). */
export async function startMfaBrowser() {
  const test = await startApp({ settings: { COHORT_EMAIL_OTP: 'on' } });
  const browser = await connectToChromium();
  const server = createServer((_request, response) => response.end('the application'));
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const application = `http://localhost:${(server.address() as AddressInfo).port}`;
  const redirectUri = `${application}/callback`;
  let people = 0;

  async function addressOf(more: Record<string, string> = {}): Promise<string> {
    const { id } = await giveApplication(test, { redirectUri });
    const request = { client_id: id, response_type: 'code', scope: 'openid', redirect_uri: redirectUri, ...more };
    return `${test.issuer}/auth?${new URLSearchParams(request).toString()}`;
  }

  const arrived = (page: Page) => page.waitForURL(`${application}/callback?code=**`);
  const newUser = () => giveUser(test, `ada-${(people += 1)}@example.com`, { firstName: 'Ada' });

  return {
    test,
    start: await addressOf(),
    strict: await addressOf({ acr_values: 'https://refeds.org/profile/mfa' }),
    arrived,
    newUser,
    open: (options?: BrowserContextOptions, offers?: { offersInField: boolean }) => open(browser, options, offers),
    stop: () => stop({ browser, server, test }),
  };
}

async function stop({ browser, server, test }: { browser: Browser; server: Server; test: TestApp }): Promise<void> {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await test.tearDown();
}

/**
 * The virtual authenticator chooses a passkey in the moment in which it is offered, so pages that are to show their
 * button must not offer any.
 */
async function open(
  browser: Browser,
  options: BrowserContextOptions = {},
  { offersInField } = { offersInField: false },
): Promise<OpenedPage> {
  const opened = await openPage(browser, options);
  if (!offersInField)
    await opened.page.addInitScript(
      'if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false',
    );
  return opened;
}

/** A device with a passkey store of its own, that knows its owner at once (Web Authentication Level 3, section 11). */
export async function addAuthenticator(page: Page): Promise<{ session: CDPSession; authenticatorId: string }> {
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

export async function enterPassword(page: Page, login: string): Promise<void> {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', PASSWORD);
  await page.click('#login-submit');
}

/** A passkey by way of My Account, and signed out again. */
export async function registerPasskey({ test }: MfaBrowser, page: Page, login: string): Promise<void> {
  await page.goto(`${test.issuer}/account/security/passkey`);
  await enterPassword(page, login);
  await page.fill('input[name=name]', 'My laptop');
  await page.click('#passkey-submit');
  await page.waitForSelector('#codes');
  await page.click('#continue');
  await page.waitForSelector('text=My laptop');
  await page.context().clearCookies();
}

/** Every page that MFA has; `mfa` is asked for when a page is opened. */
export function mfaPages(mfa: () => MfaBrowser): Pages {
  const askedForCode = async (page: Page) => {
    const user = await mfa().newUser();
    await giveTotp(mfa().test, user);
    await page.goto(mfa().start);
    await enterPassword(page, user.username);
  };
  const inAccount = async (page: Page, path: string) => {
    await page.goto(`${mfa().test.issuer}${path}`);
    await enterPassword(page, (await mfa().newUser()).username);
  };
  const choice = async (page: Page) => {
    await page.goto(mfa().strict);
    await enterPassword(page, (await mfa().newUser()).username);
  };
  const totpSetUp = async (page: Page) => {
    await choice(page);
    await page.click('text=Authenticator app');
  };

  return {
    'sign-in with passkey': (page) => page.goto(mfa().start),
    'code from an app': askedForCode,
    'wrong code': async (page) => {
      await askedForCode(page);
      await page.fill('input[name=code]', '000000');
      await page.click('#submit');
    },
    'recovery code': async (page) => {
      await askedForCode(page);
      await page.click('text=Use a recovery code');
    },
    'choice of a factor': choice,
    'setting up an app': totpSetUp,
    'setting up a passkey': async (page) => {
      await choice(page);
      await page.click('text=Passkey');
    },
    'recovery codes': async (page) => {
      await totpSetUp(page);
      await page.fill('input[name=code]', codeOf((await page.textContent('#secret')) ?? ''));
      await page.click('#submit');
      await page.waitForSelector('#codes');
    },
    'passkey as a second factor': (page) => showPasskeyAsSecondFactor(mfa(), page),
    'security, nothing yet': (page) => inAccount(page, '/account/security'),
    'security, everything': (page) => showSecurityWithEverything(mfa(), page),
    'adding an app': (page) => inAccount(page, '/account/security/totp'),
    'adding a passkey': (page) => inAccount(page, '/account/security/passkey'),
    'overview with security': (page) => inAccount(page, '/account'),
  };
}

async function showPasskeyAsSecondFactor(mfa: MfaBrowser, page: Page): Promise<void> {
  await addAuthenticator(page);
  const { username } = await mfa.newUser();
  await registerPasskey(mfa, page, username);
  await page.goto(mfa.start);
  await enterPassword(page, username);
  await page.waitForSelector('text=Use passkey');
}

async function showSecurityWithEverything(mfa: MfaBrowser, page: Page): Promise<void> {
  await addAuthenticator(page);
  const user = await mfa.newUser();
  await registerPasskey(mfa, page, user.username);
  const { secret } = await giveTotp(mfa.test, user);
  await page.goto(mfa.start);
  await enterPassword(page, user.username);
  await page.click('text=Use a code from');
  await page.fill('input[name=code]', codeOf(secret));
  await page.check('input[name=remember]');
  await page.click('#submit');
  await mfa.arrived(page);
  await page.goto(`${mfa.test.issuer}/account/security`);
  await page.click('summary');
}
