import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { system } from '../../src/base/actor.ts';
import { axeViolations, describeInBrowser, launch, openPage, picture } from '../support/browser.ts';
import { freePort, giveApplication, givePerson, startHouse } from '../support/house.ts';

const root = join(import.meta.dirname, '..', '..');
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } as const;
const views: [string, Parameters<typeof openPage>[1]][] = [
  ['desktop', {}],
  ['phone in the dark, without script', { ...phone, colorScheme: 'dark', javaScriptEnabled: false }],
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
    browser = await launch();
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
  it('pleases axe, in light and in dark, and runs no script or style of its own (CSP)', async () => {
    const test = await startHouse();
    const browser = await launch();
    try {
      const asking = await giveApplication(test, { skipConsent: false });
      await givePerson(test, 'ada@example.com');
      await givePerson(test, 'grace@example.com', { temporary: true });
      const start = `${test.issuer}/auth?${new URLSearchParams({ client_id: asking.id, response_type: 'code', scope: 'openid groups roles', redirect_uri: 'https://app.example.com/callback' }).toString()}`;
      const signIn = async (page: Page, login: string) => {
        await page.goto(start);
        await page.fill('input[name=login]', login);
        await page.fill('input[name=password]', 'Cohort#2026');
        await page.click('#login-submit');
      };
      const setup = await test.house.firstRun.makeLink();
      const pages: Record<string, (page: Page) => Promise<unknown>> = {
        home: (page) => page.goto(`${test.issuer}/`),
        'sign-in': (page) => page.goto(start),
        'sign-in refused': async (page) => {
          await page.goto(start);
          await page.fill('input[name=login]', 'ada@example.com');
          await page.fill('input[name=password]', 'wrong');
          await page.click('#login-submit');
        },
        consent: (page) => signIn(page, 'ada@example.com'),
        'change-password': (page) => signIn(page, 'grace@example.com'),
        'change-password refused': async (page) => {
          await signIn(page, 'grace@example.com');
          await page.fill('input[name=password]', 'weak');
          await page.fill('input[name=password_again]', 'weaker');
          await page.click('#submit');
        },
        'sign-out': async (page) => {
          await signIn(page, 'ada@example.com');
          await page.goto(`${test.issuer}/session/end`);
        },
        'device-code': (page) => page.goto(`${test.issuer}/device`),
        error: (page) => page.goto(`${test.issuer}/nowhere`),
        'error of the protocol': (page) => page.goto(`${test.issuer}/auth?client_id=nobody`),
        'api-docs': (page) => page.goto(`${test.issuer}/v1/docs`),
        'set-up-owner': (page) => page.goto(setup),
        'set-up-owner refused': async (page) => {
          await page.goto(setup);
          await page.fill('input[name=email]', 'olive@example.com');
          await page.fill('input[name=password]', 'weak');
          await page.fill('input[name=password_again]', 'weak');
          await page.click('#submit');
        },
      };
      const found: Record<string, string[]> = {};
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const [name, visit] of Object.entries(pages)) {
          const { page, complaints, close } = await openPage(browser, {
            colorScheme,
            ...(colorScheme === 'dark' ? { viewport: { width: 360, height: 740 } } : {}),
          });
          await visit(page);
          await page.waitForSelector('h1');
          await picture(page, `${name} (${colorScheme})`);
          const faults = [...(await axeViolations(page)), ...complaints];
          if (faults.length > 0) found[`${name} (${colorScheme})`] = faults;
          await close();
        }
      }
      expect(found).toEqual({});
    } finally {
      await browser.close();
      await test.tearDown();
    }
  }, 120_000);

  it('lets the first owner be set up with script off', async () => {
    const test = await startHouse();
    const browser = await launch();
    try {
      const { page } = await openPage(browser, { javaScriptEnabled: false });
      const link = await test.house.firstRun.makeLink();
      await page.goto(link);
      await page.fill('input[name=email]', 'Olive@Example.com');
      await page.fill('input[name=password]', 'Cohort#2026');
      await page.fill('input[name=password_again]', 'Cohort#2026');
      await page.click('#submit');
      await page.waitForSelector('h1');
      expect(await page.textContent('main')).toContain('olive@example.com');
      const { items } = await test.house.users.list({ kind: 'administrator' }, { limit: 10 });
      expect(items).toEqual([expect.objectContaining({ username: 'olive@example.com', status: 'active' })]);
      await page.goto(link);
      expect(await page.title()).not.toContain('500');
      expect((await test.http.get(new URL(link).pathname)).status).toBe(400);
      await expect(test.house.users.remove(system, items[0]!.id)).rejects.toMatchObject({ code: 'last_administrator' });
    } finally {
      await browser.close();
      await test.tearDown();
    }
  });
});
