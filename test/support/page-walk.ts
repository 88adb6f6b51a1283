import type { Browser, Page } from 'playwright-core';
import { system } from '../../src/platform/actor.ts';
import { giveApplication, giveGroup, giveUser, PASSWORD, type TestApp } from './app.ts';
import { faultsInLook } from './accessibility.ts';
import { openPage, type Pages } from './browser.ts';
import { linkTo } from './emails.ts';
import type { Look } from './looks.ts';

/** Ada in a group, Jo who is invited to it, and an application that asks for consent. Returns where its sign-in starts. */
export async function prepareWalk(test: TestApp): Promise<string> {
  const user = await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
  const { id: group } = await giveGroup(test, 'Pilots', [user.id]);
  const invited = { username: 'jo@example.com', first_name: 'Jo', last_name: '', kind: 'customer' } as const;
  await test.app.invitations.createInvited(system, { ...invited, custom_data: {}, group_ids: [group] });
  const { id } = await giveApplication(test, { skipConsent: false });
  const scope = 'openid profile email groups roles offline_access';
  const request = { client_id: id, response_type: 'code', scope, redirect_uri: 'https://app.example.com/callback' };
  return `${test.issuer}/auth?${new URLSearchParams(request).toString()}`;
}

/** All types of page, walked through by Ada in this order. Her profile has no language, so that each page is in the browser's. */
export function walk(test: TestApp, start: string): Pages {
  const signIn = async (page: Page, password = PASSWORD) => {
    await page.goto(start);
    await enterPassword(page, password);
  };
  const account = (tab: string) => async (page: Page) => {
    await page.goto(`${test.issuer}/account${tab}`);
    if (!(await page.isVisible('#login-submit'))) return;
    await enterPassword(page);
    await page.waitForSelector('.account-menu');
  };
  const open = (path: string) => (page: Page) => page.goto(`${test.issuer}${path}`);

  return {
    home: open('/'),
    'sign-in': (page) => page.goto(start),
    'sign-in refused': (page) => signIn(page, 'wrong'),
    register: open('/register'),
    'register refused': async (page) => {
      await page.goto(`${test.issuer}/register`);
      await page.locator('main form').evaluate((form) => form.setAttribute('novalidate', ''));
      await page.fill('input[name=email]', 'nobody');
      await page.fill('input[name=password]', 'weak');
      await page.click('#submit');
      await page.waitForSelector('[role=alert]');
    },
    recover: open('/recover'),
    'check-mailbox': async (page) => {
      await page.goto(`${test.issuer}/recover`);
      await page.fill('input[name=email]', 'nobody@example.com');
      await page.click('#submit');
      await page.waitForSelector('.emblem-good');
    },
    'accept-invitation': async (page) => page.goto(`${test.issuer}${await linkTo(test, 'jo@example.com')}`),
    'link-refused': open('/recover/broken'),
    'device-code': open('/device'),
    error: open('/nowhere'),
    'signed-out': open('/session/end/success'),
    mailbox: open('/dev/mail'),
    // From here on Ada is signed in.
    consent: (page) => signIn(page),
    overview: account(''),
    profile: account('/profile'),
    password: account('/password'),
    sessions: account('/sessions'),
    applications: account('/applications'),
    activity: account('/activity'),
    delete: account('/delete'),
    'sign-out': open('/session/end'),
  };
}

async function enterPassword(page: Page, password = PASSWORD): Promise<void> {
  await page.fill('input[name=login]', 'ada@example.com');
  await page.fill('input[name=password]', password);
  await page.click('#login-submit');
}

/** The pages of these names, in the order in which they are walked through. */
export function only(pages: Pages, names: string[]): Pages {
  return Object.fromEntries(Object.entries(pages).filter(([name]) => names.includes(name)));
}

/** Opens every page and says what is wrong with it in each of the looks. */
export async function faultsOfWalk(
  browser: Browser,
  pages: Pages,
  { name, locale, looks }: { name: string; locale?: string; looks: Look[] },
): Promise<string[]> {
  const { page, complaints, close } = await openPage(browser, { ...looks[0], ...(locale ? { locale } : {}) });
  const faults: string[] = [];
  for (const [title, open] of Object.entries(pages)) {
    await open(page);
    await page.waitForSelector('h1');
    for (const look of looks) faults.push(...(await faultsInLook(page, `${name} - ${title}`, look)));
  }
  await close();
  return [...faults, ...complaints];
}
