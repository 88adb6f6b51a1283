import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser } from 'playwright-core';
import { connectToChromium, describeInBrowser, openPage, picture, submitFields } from '../support/browser.ts';
import { giveApplication, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';

/** An application on another site than Cohort: 127.0.0.1 is not localhost. */
describeInBrowser('an application on another site', () => {
  let test: TestApp;
  let browser: Browser;
  let site: Server;
  let origin: string;
  let clientId: string;
  let form: { action: string; fields: Record<string, string> };
  let received: { method: string; parameters: URLSearchParams } | undefined;

  beforeAll(async () => {
    site = createServer({ maxHeaderSize: 64 * 1024 }, (req, res) => {
      const url = new URL(req.url ?? '/', origin);
      res.setHeader('content-type', 'text/html');
      if (url.pathname === '/start') {
        const inputs = Object.entries(form.fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
        res.end(`<form method="post" action="${form.action}">${inputs.join('')}<button id="go">Go</button></form>`);
        return;
      }
      void text(req).then((body) => {
        // Not the icon.
        if (url.pathname !== '/callback') return res.writeHead(404).end();
        received = { method: req.method ?? '', parameters: new URLSearchParams(body || url.search) };
        res.end('<h1 id="arrived">Arrived</h1>');
      });
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    test = await startApp();
    clientId = (await giveApplication(test, { redirectUri: `${origin}/callback` })).id;
    await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    await giveUser(test, 'grace@example.com');
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    await test.tearDown();
  });
  beforeEach(() => {
    received = undefined;
  });

  const request = (more: Record<string, string> = {}) => ({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${origin}/callback`,
    state: 's',
    ...more,
  });
  const authorize = (more: Record<string, string> = {}) =>
    `${test.issuer}/auth?${new URLSearchParams(request(more)).toString()}`;

  async function signedIn() {
    const opened = await openPage(browser);
    await opened.page.goto(authorize());
    await submitFields(opened.page, { login: 'ada@example.com', password: PASSWORD }, '#login-submit');
    await opened.page.waitForSelector('#arrived');
    return opened;
  }

  it('signs a user in by POST, with the session that is there and a long request', async () => {
    const { page, complaints, close } = await signedIn();
    form = { action: `${test.issuer}/auth`, fields: request({ state: 'x'.repeat(20_000) }) };
    await page.goto(`${origin}/start`);
    await page.click('#go');
    await page.waitForSelector('#arrived');
    expect(received?.parameters.get('code')).toBeTruthy();
    expect(received?.parameters.get('state')).toHaveLength(20_000);
    expect(complaints).toEqual([]);
    await close();
  });

  it('signs a user out by POST', async () => {
    const { page, close } = await signedIn();
    form = { action: `${test.issuer}/session/end`, fields: { client_id: clientId } };
    await page.goto(`${origin}/start`);
    await page.click('#go');
    await page.click('#logout-yes');
    await page.waitForSelector('h1');
    await page.goto(authorize({ prompt: 'none' }));
    await page.waitForSelector('#arrived');
    expect(received?.parameters.get('error')).toBe('login_required');
    await close();
  });

  it.each([true, false])('gets responses by form_post, with script %s', async (javaScriptEnabled) => {
    const { page, complaints, close } = await openPage(browser, { javaScriptEnabled });
    await page.goto(authorize({ response_mode: 'form_post' }));
    await submitFields(page, { login: 'ada@example.com', password: PASSWORD }, '#login-submit');
    if (!javaScriptEnabled) {
      await picture(page, 'form-post');
      await page.click('#form-post');
    }
    await page.waitForSelector('#arrived');
    expect([received?.method, received?.parameters.get('state')]).toEqual(['POST', 's']);
    expect(complaints).toEqual([]);
    await close();
  });

  it('has another user sign in', async () => {
    const { page, complaints, close } = await signedIn();
    await page.goto(authorize({ prompt: 'select_account' }));
    await picture(page, 'select-account');
    await page.click('#account-another');
    await submitFields(page, { login: 'grace@example.com', password: PASSWORD }, '#login-submit');
    await page.waitForSelector('#arrived');
    expect(received?.parameters.get('code')).toBeTruthy();
    expect(complaints).toEqual([]);
    await close();
  });
});
