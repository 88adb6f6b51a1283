import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { everybody } from '../../src/directory/users/user-search.ts';
import { freePort } from '../../src/platform/free-port.ts';
import {
  darkPhone,
  describeInBrowser,
  faultsInBothLooks,
  connectToChromium,
  openPage,
  picture,
} from '../support/browser.ts';
import { giveApplication, givePerson, startApp, type TestApp } from '../support/app.ts';

const root = join(import.meta.dirname, '..', '..');
const views: [string, Parameters<typeof openPage>[1]][] = [
  ['desktop', {}],
  ['phone in the dark, without script', { ...darkPhone, javaScriptEnabled: false }],
];

describeInBrowser('the demo, in a browser', () => {
  let demo: ChildProcess;
  let browser: Browser;
  let application: string;

  beforeAll(async () => {
    const [port, appPort] = [await freePort(), await freePort()];
    application = `http://localhost:${appPort}`;
    const environment = { ...process.env, COHORT_DATA_DIR: mkdtempSync(join(tmpdir(), 'cohort-demo-')) };
    delete (environment as Record<string, unknown>)['MONGODB_URI'];
    demo = spawn(process.execPath, ['src/demo/main.ts', '--port', String(port), '--app-port', String(appPort)], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      demo.stdout!.on('data', (chunk: Buffer) => chunk.toString().includes('Press Ctrl-C') && resolve());
      demo.once('exit', (code) => reject(new Error(`The demo ended with ${code}.`)));
    });
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser?.close();
    const gone = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await gone;
  });

  it.each(views)('signs Ada in and shows her groups: %s', async (name, options) => {
    const { page, complaints, close } = await openPage(browser, options);
    const look = async (step: string) => picture(page, `${name} - ${step}`);
    await page.goto(application);
    await look('1 application');
    await page.click('#sign-in');
    await page.fill('input[name=login]', 'ada@example.com');
    await page.fill('input[name=password]', 'Wrong#2026');
    await look('2 sign-in');
    await page.click('#login-submit');
    await page.waitForSelector('[role=alert]');
    expect(await page.inputValue('input[name=login]')).toBe('ada@example.com');
    await look('3 wrong password');
    await page.fill('input[name=password]', 'Cohort#2026');
    await page.click('#login-submit');
    if (await isAsked(page)) {
      await look('4 consent');
      await page.click('#consent-submit');
    }
    await page.waitForSelector('#id-token');
    const token = JSON.parse((await page.textContent('#id-token')) ?? '') as Record<string, unknown>;
    expect(token).toMatchObject({ groups: ['Pilots', 'Staff'], roles: ['employee', 'pilot'], aud: 'demo-app' });
    await look('5 signed in');
    await page.click('#sign-out');
    await page.waitForSelector('#logout-yes');
    await look('6 sign-out');
    await page.click('#logout-yes');
    await page.waitForSelector('#sign-in');
    expect(new URL(page.url()).origin).toBe(application);
    expect(complaints).toEqual([]);
    await close();
  });

  it('goes back to the application when Grace cancels', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(application);
    await page.click('#sign-in');
    await page.click('#cancel');
    await page.waitForSelector('#sign-in');
    expect(new URL(page.url()).origin).toBe(application);
    await close();
  });

  const isAsked = async (page: Page) =>
    (await page.waitForSelector('#consent-submit, #id-token')).evaluate((element) => element.id === 'consent-submit');
});

describeInBrowser('every page', () => {
  let test: TestApp;
  let browser: Browser;
  let start: string;

  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    const asking = await giveApplication(test, { skipConsent: false });
    await givePerson(test, 'ada@example.com');
    await givePerson(test, 'grace@example.com', { temporary: true });
    const text =
      'Hello Ada,\n\nyour first flight is on Monday.\nSee https://example.com/flights?day=monday\n\nYours,\nthe crew';
    const model = { subject: 'Welcome aboard', text };
    await test.app.mail.post({ cause: 'test', to: 'ada@example.com', view: 'message', model });
    await test.app.mail.deliverDue();
    const request = {
      client_id: asking.id,
      response_type: 'code',
      scope: 'openid groups roles',
      redirect_uri: 'https://app.example.com/callback',
    };
    start = `${test.issuer}/auth?${new URLSearchParams(request).toString()}`;
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  const fill = async (page: Page, fields: Record<string, string>, button: string) => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
    await page.click(button);
  };
  const signIn = async (page: Page, login: string, password = 'Cohort#2026') => {
    await page.goto(start);
    await fill(page, { login, password }, '#login-submit');
  };
  const setUp = async (page: Page) => page.goto(await test.app.bootstrap.makeLink());

  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    home: (page) => page.goto(`${test.issuer}/`),
    'sign-in': (page) => page.goto(start),
    'sign-in refused': (page) => signIn(page, 'ada@example.com', 'wrong'),
    consent: (page) => signIn(page, 'ada@example.com'),
    'change-password': (page) => signIn(page, 'grace@example.com'),
    'change-password refused': async (page) => {
      await signIn(page, 'grace@example.com');
      await fill(page, { password: 'weak', password_again: 'weaker' }, '#submit');
    },
    'sign-out': async (page) => {
      await signIn(page, 'ada@example.com');
      await page.goto(`${test.issuer}/session/end`);
    },
    'device-code': (page) => page.goto(`${test.issuer}/device`),
    error: (page) => page.goto(`${test.issuer}/nowhere`),
    'error of the protocol': (page) => page.goto(`${test.issuer}/auth?client_id=nobody`),
    'mailbox for development': (page) => page.goto(`${test.issuer}/dev/mail`),
    'email in it': async (page) => {
      await page.goto(`${test.issuer}/dev/mail`);
      await page.click('text=Welcome aboard');
      await page.frameLocator('iframe').locator('text=the crew').waitFor();
    },
    'email itself': async (page) => {
      await page.goto(`${test.issuer}/dev/mail`);
      await page.click('text=Welcome aboard');
      await page.setContent((await page.getAttribute('iframe', 'srcdoc')) ?? '');
    },
    'api-docs': (page) => page.goto(`${test.issuer}/v1/docs`),
    'set-up-owner': setUp,
    'set-up-owner refused': async (page) => {
      await setUp(page);
      await fill(page, { email: 'olive@example.com', password: 'weak', password_again: 'weak' }, '#submit');
    },
  };

  it.each(Object.keys(pages))(
    'pleases axe and keeps the Content-Security-Policy, dark and light: %s',
    async (name) => {
      const { page, complaints, close } = await openPage(browser, darkPhone);
      await pages[name]!(page);
      await page.waitForSelector('h1');
      expect([...(await faultsInBothLooks(page, name)), ...complaints]).toEqual([]);
      await close();
    },
    120_000,
  );

  it('lets the first owner be set up with script off, once', async () => {
    const fresh = await startApp();
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    const link = await fresh.app.bootstrap.makeLink();
    await page.goto(link);
    await fill(page, { email: 'Olive@Example.com', password: 'Cohort#2026', password_again: 'Cohort#2026' }, '#submit');
    await page.waitForSelector('h1');
    expect(await page.textContent('main')).toContain('olive@example.com');
    const { items } = await fresh.app.users.search({ ...everybody, kind: 'administrator' }, { list: '', limit: 10 });
    expect(items).toEqual([expect.objectContaining({ username: 'olive@example.com', status: 'active' })]);
    expect((await fresh.http.get(new URL(link).pathname)).status).toBe(400);
    await close();
    await fresh.tearDown();
  });
});
