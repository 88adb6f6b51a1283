import type { BrowserContextOptions } from 'playwright-core';
import { USER_ATTRIBUTES } from '../../config/profile-settings.ts';
import { giveUser, PASSWORD, startApp, type TestApp } from './app.ts';
import { connectToChromium, openPage, type OpenedPage } from './browser.ts';

export type ConsoleBrowser = Awaited<ReturnType<typeof startConsole>>;

/** A console in Chromium, with one owner. */
export async function startConsole() {
  const test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') } });
  const browser = await connectToChromium();
  await giveUser(test, 'owner@example.com', { kind: 'administrator', firstName: 'Olive', lastName: 'Owner' });

  /** Signs an administrator in to a page of the console. */
  async function enter({
    login = 'owner@example.com',
    path = '/console/users',
    options = {},
  }: { login?: string; path?: string; options?: BrowserContextOptions } = {}): Promise<OpenedPage> {
    const opened = await openPage(browser, options);
    await opened.page.goto(`${test.issuer}${path}`);
    await submitSignIn(opened, login);
    return opened;
  }

  return { test, enter, stop: () => stop(browser, test) };
}

async function submitSignIn({ page }: OpenedPage, login: string): Promise<void> {
  await page.fill('#login', login);
  await page.fill('#password', PASSWORD);
  await page.click('#login-submit');
  await page.waitForSelector('.console');
}

async function stop(browser: { close(): Promise<void> }, test: TestApp): Promise<void> {
  await browser.close();
  await test.tearDown();
}
