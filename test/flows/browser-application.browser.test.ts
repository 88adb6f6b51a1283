import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { UserManager } from 'oidc-client-ts';
import type { Browser, Page } from 'playwright-core';
import { giveApplication, giveGroup, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { connectToChromium, describeInBrowser, openPage, submitFields } from '../support/browser.ts';

const library = dirname(createRequire(import.meta.url).resolve('oidc-client-ts/package.json'));
const script = readFileSync(join(library, 'dist/browser/oidc-client-ts.min.js'), 'utf8');

declare const users: UserManager;

/** An application that is nothing but pages, with oidc-client-ts: on Cohort's site, which is localhost, and on another. */
describeInBrowser('an application in the browser', () => {
  let test: TestApp;
  let browser: Browser;
  let site: Server;
  let sameSite: string;
  let otherSite: string;
  let userId: string;
  let page: Page;
  let complaints: string[];
  let settings: object;

  beforeAll(async () => {
    test = await startApp();
    site = createServer((req, res) => {
      if (req.url === '/oidc-client-ts.js') return res.setHeader('content-type', 'text/javascript').end(script);
      res.setHeader('content-type', 'text/html');
      res.end(`<!doctype html><script src="/oidc-client-ts.js"></script><script>${applicationScript()}</script>`);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const { port } = site.address() as AddressInfo;
    sameSite = `http://localhost:${port}`;
    otherSite = `http://127.0.0.1:${port}`;
    const at = (path: string) => [sameSite, otherSite].map((origin) => `${origin}${path}`);
    const protocol = { redirect_uris: at('/callback'), post_logout_redirect_uris: at('/signed-out') };
    const { id: client_id } = await giveApplication(test, { type: 'spa', protocol });
    const scope = 'openid groups offline_access';
    settings = { authority: test.issuer, client_id, scope, loadUserInfo: true, automaticSilentRenew: false };
    ({ id: userId } = await giveUser(test, 'ada@example.com'));
    await giveGroup(test, 'Pilots', [userId]);
    browser = await connectToChromium();
  });

  const applicationScript = () => `
    const users = new oidc.UserManager({
      ...${JSON.stringify(settings)},
      redirect_uri: location.origin + '/callback',
      popup_post_logout_redirect_uri: location.origin + '/signed-out',
    });
    if (location.pathname === '/callback') parent === self ? users.signinPopupCallback() : users.signinSilentCallback();
    if (location.pathname === '/signed-out') users.signoutPopupCallback();
  `;

  afterAll(async () => {
    await browser.close();
    site.close();
    await test.tearDown();
  });

  /** Has the application do something that opens a window. */
  async function inWindow<T>(act: () => Promise<T>, answer: (window: Page) => Promise<unknown>): Promise<T> {
    const opened = page.waitForEvent('popup');
    const done = page.evaluate(act);
    await answer(await opened);
    return done;
  }

  async function signIn(window: Page): Promise<void> {
    await window.waitForSelector('#login-submit');
    await submitFields(window, { login: 'ada@example.com', password: PASSWORD }, '#login-submit');
  }

  it('signs users in and out in a window of its own', async () => {
    ({ page, complaints } = await openPage(browser));
    await page.goto(otherSite);
    const claims = await inWindow(
      async () => (await users.signinPopup()).profile,
      async (window) => {
        await window.waitForSelector('#login-submit');
        // Most libraries report back through it, and take a window that has lost it for closed.
        expect(await window.evaluate(() => opener !== null)).toBe(true);
        await signIn(window);
      },
    );
    expect(claims).toMatchObject({ sub: userId, groups: ['Pilots'] });

    const renewed = await page.evaluate(async () => (await users.signinSilent())!.profile);
    expect(renewed).toMatchObject({ sub: userId, groups: ['Pilots'] });

    await inWindow(
      () => users.signoutPopup(),
      (window) => window.click('#logout-yes'),
    );
    expect(await page.evaluate(() => users.getUser())).toBeNull();
    expect(complaints).toEqual([]);
  });

  it('asks for the session in a hidden frame, where both are on the same site', async () => {
    ({ page } = await openPage(browser));
    await page.goto(sameSite);
    await inWindow(() => users.signinPopup(), signIn);
    const claims = await page.evaluate(async () => {
      // Without a refresh token.
      await users.removeUser();
      return (await users.signinSilent())!.profile;
    });
    expect(claims).toMatchObject({ sub: userId, groups: ['Pilots'] });
  });

  it('loses the window of a page of the account, even if it opened it', async () => {
    ({ page } = await openPage(browser));
    await page.goto(otherSite);
    const opened = page.waitForEvent('popup');
    await page.evaluate(
      (address) => void Object.assign(globalThis, { opened: open(address) }),
      `${test.issuer}/account`,
    );
    const window = await opened;
    await signIn(window);
    await window.waitForURL(`${test.issuer}/account`);
    expect(await window.evaluate(() => opener === null)).toBe(true);
    expect(await page.evaluate(() => (globalThis as unknown as { opened: Window }).opened.closed)).toBe(true);
  });
});
