import type { Browser, Page } from 'playwright-core';
import { system } from '../../src/platform/actor.ts';
import { darkPhone, describeInBrowser, faultsInBothLooks, connectToChromium, openPage } from '../support/browser.ts';
import { giveApplication, giveGroup, givePerson, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { emailsTo, linkTo } from '../support/emails.ts';

const chosen = { password: PASSWORD, password_again: PASSWORD };

describeInBrowser('the ways into an account, in a browser', () => {
  let test: TestApp;
  let browser: Browser;
  let start: string;
  let addresses = 0;
  let time = Date.now();

  beforeAll(async () => {
    const settings = { COHORT_SELF_REGISTRATION: 'open', COHORT_TERMS_URL: 'https://example.com/terms' };
    test = await startApp({ settings, now: () => new Date(time) });
    browser = await connectToChromium();
    const { id } = await giveApplication(test);
    const request = {
      client_id: id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'https://app.example.com/callback',
    };
    start = `${test.issuer}/auth?${new URLSearchParams(request).toString()}`;
    await givePerson(test, 'ada@example.com');
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  const newAddress = () => `katherine-${(addresses += 1)}@example.com`;
  const fill = async (page: Page, fields: Record<string, string>) => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
    await page.click('#submit');
  };
  const openEmail = async (page: Page, to: string) => page.goto(`${test.issuer}${await linkTo(test, to)}`);
  async function askToRegister(page: Page): Promise<string> {
    const email = newAddress();
    await page.goto(start);
    await page.click('text=Create an account');
    await page.check('input[name=terms]');
    await fill(page, { email, first_name: 'Katherine', ...chosen });
    await page.waitForSelector('text=Check your email');
    return email;
  }
  async function askToRecover(page: Page): Promise<void> {
    await page.goto(start);
    await page.click('text=Forgot your password?');
    await fill(page, { email: 'ada@example.com' });
    await page.waitForSelector('text=Check your email');
  }
  async function invite(): Promise<string> {
    const email = newAddress();
    const groups = [await giveGroup(test, `Pilots ${addresses}`), await giveGroup(test, `Night shift ${addresses}`)];
    const group_ids = groups.map(({ id }) => id);
    const user = { username: email, first_name: 'Grace', last_name: '', kind: 'customer', custom_data: {} } as const;
    await test.app.authentication.invitations.createInvited(system, { ...user, group_ids });
    return email;
  }
  async function emailOf(page: Page, subject: string): Promise<void> {
    const email = (await emailsTo(test, 'ada@example.com')).find((each) => each.subject === subject);
    await page.goto('about:blank');
    await page.setContent(email!.html);
  }

  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    'sign-in with its ways': (page) => page.goto(start),
    register: (page) => page.goto(`${test.issuer}/register`),
    'register, while it is typed': async (page) => {
      await page.goto(`${test.issuer}/register`);
      await page.fill('input[name=password]', 'Coho');
    },
    'register refused': async (page) => {
      await page.goto(`${test.issuer}/register`);
      await page.locator('main form').evaluate((form) => form.setAttribute('novalidate', ''));
      await fill(page, { email: 'nobody', first_name: 'x'.repeat(101), password: 'weak', password_again: 'weaker' });
    },
    'check-mailbox': askToRegister,
    'confirm-registration': async (page) => openEmail(page, await askToRegister(page)),
    'confirm-registration refused': async (page) => {
      await openEmail(page, await askToRegister(page));
      await fill(page, { password: 'Wrong#2026' });
    },
    'account-ready': async (page) => {
      await openEmail(page, await askToRegister(page));
      await fill(page, { password: PASSWORD });
      await page.waitForSelector('#continue');
    },
    recover: (page) => page.goto(`${test.issuer}/recover`),
    'reset-password': async (page) => {
      await askToRecover(page);
      await openEmail(page, 'ada@example.com');
    },
    'reset-password refused': async (page) => {
      await askToRecover(page);
      await openEmail(page, 'ada@example.com');
      await fill(page, { password: 'weak', password_again: 'weaker' });
    },
    'accept-invitation': async (page) => openEmail(page, await invite()),
    'accept-invitation refused': async (page) => {
      await openEmail(page, await invite());
      await fill(page, { last_name: 'x'.repeat(101), password: 'weak', password_again: 'weaker' });
    },
    'link-refused, broken': (page) => page.goto(`${test.issuer}/recover/broken`),
    'link-refused, expired': async (page) => {
      const link = await linkTo(test, await invite());
      time += 8 * 24 * 3600_000;
      await page.goto(`${test.issuer}${link}`);
    },
    'email with a link': async (page) => {
      await askToRecover(page);
      await emailOf(page, 'Reset your password');
    },
  };

  it.each(Object.keys(pages))('pleases axe and keeps the Content-Security-Policy, dark and light: %s', async (name) => {
    const { page, complaints, close } = await openPage(browser, darkPhone);
    await pages[name]!(page);
    await page.waitForSelector('h1');
    expect([...(await faultsInBothLooks(page, `ways in - ${name}`)), ...complaints]).toEqual([]);
    await close();
  });

  it.each([
    ['with script', {}],
    ['without script, on a phone', { ...darkPhone, javaScriptEnabled: false }],
  ])('lead somebody from the sign-in page to the application: %s', async (_name, options) => {
    const { page, complaints, close } = await openPage(browser, options);
    await page.route('https://app.example.com/**', (route) => route.fulfill({ body: 'the application' }));
    const email = await askToRegister(page);
    await openEmail(page, email);
    await fill(page, { password: PASSWORD });
    await page.click('#continue');
    expect(await page.inputValue('input[name=login]')).toBe(email);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('#login-submit');
    await page.waitForSelector('text=the application');
    expect(new URL(page.url()).searchParams.get('code')).toBeTruthy();
    expect(complaints).toEqual([]);
    await close();
  });

  it('show which rules a password keeps while it is typed', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${test.issuer}/register`);
    const kept = () => page.locator('.rules .is-kept').allInnerTexts();
    expect(await kept()).toEqual([]);
    await page.fill('input[name=password]', 'Über');
    expect((await kept()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'Met: an uppercase letter',
      'Met: a lowercase letter',
    ]);
    await page.fill('input[name=password]', PASSWORD);
    expect(await kept()).toHaveLength(5);
    await page.fill('input[name=password]', '');
    expect(await kept()).toEqual([]);
    await close();
  });
});
