import type { Page } from 'playwright-core';
import { type Pages, submitFields } from '../support/browser.ts';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';

export type SignInPages = Awaited<ReturnType<typeof startSignInPages>>;

/** An app with Ada, with Grace who has a temporary password, an email, and an application that asks for consent. */
export async function startSignInPages() {
  const test = await startApp();
  const { id } = await giveApplication(test, { skipConsent: false });
  await giveUser(test, 'ada@example.com');
  await giveUser(test, 'grace@example.com', { temporary: true });
  const text =
    'Hello Ada,\n\nyour first flight is on Monday.\nSee https://example.com/flights?day=monday\n\nYours,\nthe crew';
  const model = { subject: 'Welcome aboard', text };
  await test.app.mail.post({ cause: 'test', to: 'ada@example.com', view: 'message', model });
  await test.app.mail.deliverDue();
  const request = {
    client_id: id,
    response_type: 'code',
    scope: 'openid groups roles',
    redirect_uri: 'https://app.example.com/callback',
  };
  return { test, start: `${test.issuer}/auth?${new URLSearchParams(request).toString()}` };
}

/** The pages of a sign-in and those beside it; `on` is asked for when a page is opened. */
export function signInPages(on: () => SignInPages): Pages {
  const open = (path: string) => (page: Page) => page.goto(`${on().test.issuer}${path}`);
  const signIn = async (page: Page, login: string, password = 'Cohort#2026') => {
    await page.goto(on().start);
    await submitFields(page, { login, password }, '#login-submit');
  };
  const openEmail = async (page: Page) => {
    await page.goto(`${on().test.issuer}/dev/mail`);
    await page.click('text=Welcome aboard');
  };

  return {
    home: open('/'),
    'sign-in': (page) => page.goto(on().start),
    'sign-in refused': (page) => signIn(page, 'ada@example.com', 'wrong'),
    consent: (page) => signIn(page, 'ada@example.com'),
    'select-account': async (page) => {
      await signIn(page, 'ada@example.com');
      await page.goto(`${on().start}&prompt=select_account`);
    },
    'change-password': (page) => signIn(page, 'grace@example.com'),
    'change-password refused': async (page) => {
      await signIn(page, 'grace@example.com');
      await submitFields(page, { password: 'weak', password_again: 'weaker' });
    },
    'sign-out': async (page) => {
      await signIn(page, 'ada@example.com');
      await page.goto(`${on().test.issuer}/session/end`);
    },
    'device-code': open('/device'),
    error: open('/nowhere'),
    'error of the protocol': open('/auth?client_id=nobody'),
    'mailbox for development': open('/dev/mail'),
    'email in it': async (page) => {
      await openEmail(page);
      await page.frameLocator('iframe').locator('text=the crew').waitFor();
    },
    'email itself': async (page) => {
      await openEmail(page);
      await page.setContent((await page.getAttribute('iframe', 'srcdoc')) ?? '');
    },
    'api-docs': open('/v1/docs'),
    'set-up-owner': (page) => openSetup(on().test, page),
    'set-up-owner refused': async (page) => {
      await openSetup(on().test, page);
      await submitFields(page, { email: 'olive@example.com', password: 'weak', password_again: 'weak' });
    },
  };
}

async function openSetup({ app }: TestApp, page: Page): Promise<void> {
  await page.goto(await app.bootstrap.makeLink());
}
