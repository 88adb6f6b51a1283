import { everybody } from '../../src/directory/users/user-search.ts';
import { createPlainBrowser, type PlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import { PASSWORD, type TestApp } from './app.ts';

/** Signs somebody in to a page of the console, without script. */
export async function enterConsole(
  { issuer }: TestApp,
  login: string,
  path = '/console/users',
  browser = createPlainBrowser(),
): Promise<{ browser: PlainBrowser; page: Visit }> {
  const visit = await browser.open(`${issuer}${path}`);
  return { browser, page: await browser.press(visit, 'login-submit', { login, password: PASSWORD }) };
}

/** The user who has this username now. */
export async function findUser({ app }: TestApp, username: string) {
  const { items } = await app.users.search({ ...everybody, username }, { list: '', limit: 1 });
  return items[0];
}
