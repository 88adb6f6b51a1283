import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../../src/platform/free-port.ts';
import { connectToChromium, describeInBrowser, openPage, picture } from '../support/browser.ts';
import { touchPhone } from '../support/looks.ts';

const root = join(import.meta.dirname, '..', '..');
const views: [string, Parameters<typeof openPage>[1]][] = [
  ['desktop', {}],
  ['phone in the dark, without script', { ...touchPhone, javaScriptEnabled: false }],
];

describeInBrowser('the demo, in a browser', () => {
  let demo: ChildProcess;
  let browser: Browser;
  let application: string;

  beforeAll(async () => {
    const port = await freePort();
    const appPort = await freePort();
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
