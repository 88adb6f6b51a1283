import type { Browser } from 'playwright-core';
import { everybody } from '../../src/directory/users/user-search.ts';
import { itPassesAxe } from '../support/accessibility.ts';
import { connectToChromium, describeInBrowser, openPage, submitFields } from '../support/browser.ts';
import { startApp } from '../support/app.ts';
import { signInPages, startSignInPages, type SignInPages } from './sign-in-pages.ts';

describeInBrowser('the pages of a sign-in', () => {
  let on: SignInPages;
  let browser: Browser;
  beforeAll(async () => {
    on = await startSignInPages();
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser.close();
    await on.test.tearDown();
  });

  // `sign-in-pages.browser.exhaustive.test.ts` looks at all of them.
  itPassesAxe(['sign-in refused', 'consent', 'select-account'], {
    section: 'sign-in',
    open: (options) => openPage(browser, options),
    pages: signInPages(() => on),
  });

  it('let the first owner be set up with script off, once', async () => {
    const fresh = await startApp();
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    const link = await fresh.app.bootstrap.makeLink();
    await page.goto(link);
    const passwords = { password: 'Cohort#2026', password_again: 'Cohort#2026' };
    await submitFields(page, { email: 'Olive@Example.com', ...passwords });
    await page.waitForSelector('h1');
    expect(await page.textContent('main')).toContain('olive@example.com');
    const { items } = await fresh.app.users.search({ ...everybody, kind: 'administrator' }, { list: '', limit: 10 });
    expect(items).toEqual([expect.objectContaining({ username: 'olive@example.com', status: 'active' })]);
    expect((await fresh.http.get(fresh.inside(link)!)).status).toBe(400);
    await close();
    await fresh.tearDown();
  });
});
