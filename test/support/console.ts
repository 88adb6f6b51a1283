import type { Browser, Page } from 'playwright-core';
import { everybody } from '../../src/directory/users/user-search.ts';
import { createPlainBrowser, type PlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import { openPage } from './browser.ts';
import { PASSWORD, type TestHouse } from './app.ts';

/** Signs somebody in to a page of the console, without script. */
export async function enterConsole(
  { issuer }: TestHouse,
  login: string,
  path = '/console/users',
  browser = createPlainBrowser(),
): Promise<{ browser: PlainBrowser; page: Visit }> {
  const visit = await browser.open(`${issuer}${path}`);
  return { browser, page: await browser.press(visit, 'login-submit', { login, password: PASSWORD }) };
}

/** The same in Chromium. */
export async function enterInChromium(
  browser: Browser,
  { issuer }: TestHouse,
  login: string,
  path = '/console/users',
): Promise<{ page: Page; complaints: string[]; close(): Promise<void> }> {
  const opened = await openPage(browser);
  await opened.page.goto(`${issuer}${path}`);
  await opened.page.fill('#login', login);
  await opened.page.fill('#password', PASSWORD);
  await opened.page.click('#login-submit');
  await opened.page.waitForSelector('.console');
  return opened;
}

/** Whoever has this username now. */
export async function findPerson({ house }: TestHouse, username: string) {
  const { items } = await house.users.search({ ...everybody, username }, { list: '', limit: 1 });
  return items[0];
}
