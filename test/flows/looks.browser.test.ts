import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { system } from '../../src/platform/actor.ts';
import {
  axeViolations,
  changeLook,
  describeInBrowser,
  connectToChromium,
  openPage,
  picture,
  strayWords,
  type Look,
} from '../support/browser.ts';
import { giveApplication, giveGroup, givePerson, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { emailsTo, linkTo } from '../support/emails.ts';

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const lightDesktop: Look = { viewport: desktop, colorScheme: 'light' };
const lightPhone: Look = { viewport: phone, colorScheme: 'light' };
const darkPhone: Look = { viewport: phone, colorScheme: 'dark' };

/** All types of page, walked through by Ada. Her profile has no language, so that each page is in the browser's. */
function walk(test: TestApp, start: string) {
  const signIn = async (page: Page, password = PASSWORD) => {
    await page.goto(start);
    await page.fill('input[name=login]', 'ada@example.com');
    await page.fill('input[name=password]', password);
    await page.click('#login-submit');
  };
  const account = (tab: string) => async (page: Page) => {
    await page.goto(`${test.issuer}/account${tab}`);
    if (!(await page.isVisible('#login-submit'))) return;
    await page.fill('input[name=login]', 'ada@example.com');
    await page.fill('input[name=password]', PASSWORD);
    await page.click('#login-submit');
    await page.waitForSelector('.account-menu');
  };
  const open = (path: string) => async (page: Page) => void (await page.goto(`${test.issuer}${path}`));

  const pages: Record<string, (page: Page) => Promise<void>> = {
    home: open('/'),
    'sign-in': async (page) => void (await page.goto(start)),
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
    'accept-invitation': async (page) =>
      void (await page.goto(`${test.issuer}${await linkTo(test, 'jo@example.com')}`)),
    'link-refused': open('/recover/broken'),
    'device-code': open('/device'),
    error: open('/nowhere'),
    'signed-out': open('/session/end/success'),
    mailbox: open('/dev/mail'),
    // From here on somebody is signed in.
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
  return pages;
}

async function furnish(test: TestApp): Promise<string> {
  const person = await givePerson(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
  const { id: group } = await giveGroup(test, 'Pilots', [person.id]);
  const user = { username: 'jo@example.com', first_name: 'Jo', last_name: '', kind: 'customer' } as const;
  await test.app.authentication.invitations.createInvited(system, { ...user, custom_data: {}, group_ids: [group] });
  const { id } = await giveApplication(test, { skipConsent: false });
  const scope = 'openid profile email groups roles offline_access';
  const request = { client_id: id, response_type: 'code', scope, redirect_uri: 'https://app.example.com/callback' };
  return `${test.issuer}/auth?${new URLSearchParams(request).toString()}`;
}

/**
 * Every page in one language and look; in the others those with something of every kind on them. `COHORT_TEST_LOOKS=all`
 * takes every page in every look, which is several minutes.
 */
const TELLING = ['sign-in refused', 'register refused', 'link-refused', 'consent', 'overview', 'profile', 'activity'];

const isThorough = process.env['COHORT_TEST_LOOKS'] === 'all';

const isTelling = (title: string) => isThorough || TELLING.includes(title);

function telling(pages: ReturnType<typeof walk>): ReturnType<typeof walk> {
  return Object.fromEntries(Object.entries(pages).filter(([title]) => isTelling(title)));
}

/** Opens every page in the first look and says what is wrong with it; in the other looks, what is wrong with the telling ones. */
async function look(
  browser: Browser,
  pages: ReturnType<typeof walk>,
  { name, locale, looks }: { name: string; locale?: string; looks: Look[] },
): Promise<string[]> {
  const { page, complaints, close } = await openPage(browser, { ...looks[0], ...(locale ? { locale } : {}) });
  const faults: string[] = [];
  for (const [title, open] of Object.entries(pages)) {
    await open(page);
    await page.waitForSelector('h1');
    for (const present of isTelling(title) ? looks : looks.slice(0, 1)) {
      await changeLook(page, present);
      const heading = `${name} ${present.viewport === phone ? 'phone' : 'desktop'} ${present.colorScheme} - ${title}`;
      faults.push(...(await faultsOf(page, heading, present)));
    }
  }
  await close();
  return [...faults, ...complaints];
}

/** What axe finds, and what is wider than the window. */
async function faultsOf(page: Page, heading: string, { viewport }: Look): Promise<string[]> {
  await picture(page, heading);
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  const tooWide = width > viewport.width ? [`is ${width} wide`] : [];
  return [...(await axeViolations(page)), ...(await strayWords(page)), ...tooWide].map(
    (fault) => `${heading}: ${fault}`,
  );
}

describeInBrowser('every page in its languages', () => {
  let test: TestApp;
  let browser: Browser;
  let pages: ReturnType<typeof walk>;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_SELF_REGISTRATION: 'open' } });
    browser = await connectToChromium();
    pages = walk(test, await furnish(test));
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  it('pleases axe and fits: Arabic', async () => {
    const looks = [lightDesktop, darkPhone];
    expect(await look(browser, pages, { name: 'ar', locale: 'ar', looks })).toEqual([]);
  }, 600_000);

  it('pleases axe and fits: German', async () => {
    expect(await look(browser, telling(pages), { name: 'de', locale: 'de', looks: [lightPhone] })).toEqual([]);
  }, 600_000);

  it('changes with the switch at its foot, without script, and stays changed', async () => {
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${test.issuer}/recover?from=nowhere`);
    await page.click('text=العربية');
    expect(page.url()).toBe(`${test.issuer}/recover?from=nowhere`);
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    expect(await page.getAttribute('.languages [aria-current]', 'lang')).toBe('ar');
    await page.goto(`${test.issuer}/device`);
    expect(await page.getAttribute('html', 'lang')).toBe('ar');
    await close();
  });

  it('is read from the right in emails too', async () => {
    const { page, close } = await openPage(browser, { colorScheme: 'light' });
    const post = { email: 'lin@example.com', password: PASSWORD, password_again: PASSWORD };
    await test.http.post('/register').set('origin', test.issuer).set('accept-language', 'ar').type('form').send(post);
    const [email] = await emailsTo(test, 'lin@example.com');
    await page.setContent(email!.html);
    await picture(page, 'ar email');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});

// A mark of its own, drawn by hand: two squares. The script in it must never run.
const MARK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><rect width="28" height="28" x="2" y="2" fill="#c0392b"/><rect width="28" height="28" x="34" y="2" fill="#2c3e50"/><script>document.documentElement.setAttribute("data-ran", "yes")</script></svg>';

describeInBrowser('a look of one’s own', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'cohort-look-'));
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeAll(async () => {
    browser = await connectToChromium();
  });
  afterAll(() => browser.close());

  async function withLook(accent: string, work: (test: TestApp) => Promise<void>): Promise<void> {
    const test = await startApp({
      settings: {
        COHORT_SELF_REGISTRATION: 'open',
        COHORT_TERMS_URL: 'https://example.com/terms',
        COHORT_BRAND_NAME: 'Nordwind <Air>',
        COHORT_LOGO: file('mark.svg', MARK),
        COHORT_ACCENT_COLOR: accent,
        COHORT_CUSTOM_CSS: file('own.css', '.brand { letter-spacing: 3px; }'),
        COHORT_PRIVACY_URL: 'https://example.com/privacy',
        COHORT_SUPPORT_URL: 'mailto:help@example.com',
      },
    });
    try {
      await work(test);
    } finally {
      await test.tearDown();
    }
  }

  it.each([
    ['yellow', '#ffee00'],
    ['navy', '#000040'],
  ])(
    'pleases axe on every page whatever its colour is: %s',
    async (title, accent) => {
      await withLook(accent, async (test) => {
        const pages = telling(walk(test, await furnish(test)));
        const looks = isThorough ? [lightDesktop, darkPhone] : title === 'yellow' ? [darkPhone] : [lightDesktop];
        expect(await look(browser, pages, { name: `look ${title}`, looks })).toEqual([]);
      });
    },
    600_000,
  );

  it('shows name, mark, styles and links on every page, and the mark runs no script', async () => {
    await withLook('#0055aa', async (test) => {
      const { page, complaints, close } = await openPage(browser);
      await page.goto(`${test.issuer}/recover`);
      expect(await page.title()).toContain('Nordwind <Air>');
      const spacing = "getComputedStyle(document.querySelector('.brand')).letterSpacing";
      expect(await page.evaluate(spacing)).toBe('3px');
      const mark = (await page.getAttribute('.brand img', 'src'))!;
      expect(await page.evaluate("document.querySelector('.brand img').naturalWidth")).toBeGreaterThan(0);
      const links = await page.locator('.colophon li a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(links).toEqual(['https://example.com/privacy', 'https://example.com/terms', 'mailto:help@example.com']);
      expect(complaints).toEqual([]);
      await page.goto(`${test.issuer}${mark}`);
      expect(await page.locator('svg').getAttribute('data-ran')).toBeNull();
      await close();
    });
  });
});
