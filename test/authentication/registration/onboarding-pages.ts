import type { Page } from 'playwright-core';
import { system } from '../../../src/platform/actor.ts';
import { type Pages, submitFields } from '../../support/browser.ts';
import { giveApplication, giveGroup, giveUser, PASSWORD, startApp } from '../../support/app.ts';
import { emailsTo, linkTo } from '../../support/emails.ts';

const CHOSEN = { password: PASSWORD, password_again: PASSWORD };
const DAY_MS = 24 * 3600_000;

export type Onboarding = Awaited<ReturnType<typeof startOnboarding>>;

/** An app in which anybody may sign up, with Ada and an application, on a clock that can be moved. */
export async function startOnboarding() {
  let time = Date.now();
  let emails = 0;
  const settings = { COHORT_SELF_REGISTRATION: 'open', COHORT_TERMS_URL: 'https://example.com/terms' };
  const test = await startApp({ settings, now: () => new Date(time) });
  const { id } = await giveApplication(test);
  await giveUser(test, 'ada@example.com');
  const request = {
    client_id: id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: 'https://app.example.com/callback',
  };
  return {
    test,
    start: `${test.issuer}/auth?${new URLSearchParams(request).toString()}`,
    newEmail: () => `katherine-${(emails += 1)}@example.com`,
    letDaysPass: (days: number) => (time += days * DAY_MS),
  };
}

/** From the sign-in page as far as "Check your email". Returns the email. */
export async function askToRegister({ start, newEmail }: Onboarding, page: Page): Promise<string> {
  const email = newEmail();
  await page.goto(start);
  await page.click('text=Create an account');
  await page.check('input[name=terms]');
  await submitFields(page, { email, first_name: 'Katherine', ...CHOSEN });
  await page.waitForSelector('text=Check your email');
  return email;
}

export async function openLink({ test }: Onboarding, page: Page, to: string): Promise<void> {
  await page.goto(`${test.issuer}${await linkTo(test, to)}`);
}

async function askForReset({ start }: Onboarding, page: Page): Promise<void> {
  await page.goto(start);
  await page.click('text=Forgot your password?');
  await submitFields(page, { email: 'ada@example.com' });
  await page.waitForSelector('text=Check your email');
}

async function invite({ test, newEmail }: Onboarding): Promise<string> {
  const email = newEmail();
  const groups = [await giveGroup(test, `Pilots of ${email}`), await giveGroup(test, `Night shift of ${email}`)];
  const group_ids = groups.map(({ id }) => id);
  const user = { username: email, first_name: 'Grace', last_name: '', kind: 'customer', custom_data: {} } as const;
  await test.app.invitations.createInvited(system, { ...user, group_ids });
  return email;
}

/** The pages of self-registration, password reset and invitations; `on` is asked for when a page is opened. */
export function onboardingPages(on: () => Onboarding): Pages {
  const confirmRegistration = async (page: Page) => openLink(on(), page, await askToRegister(on(), page));
  const resetPassword = async (page: Page) => {
    await askForReset(on(), page);
    await openLink(on(), page, 'ada@example.com');
  };
  const acceptInvitation = async (page: Page) => openLink(on(), page, await invite(on()));
  const register = (page: Page) => page.goto(`${on().test.issuer}/register`);

  return {
    'sign-in with links to them': (page) => page.goto(on().start),
    register,
    'register, while it is typed': async (page) => {
      await register(page);
      await page.fill('input[name=password]', 'Coho');
    },
    'register refused': async (page) => {
      await register(page);
      await page.locator('main form').evaluate((form) => form.setAttribute('novalidate', ''));
      const weak = { password: 'weak', password_again: 'weaker' };
      await submitFields(page, { email: 'nobody', first_name: 'x'.repeat(101), ...weak });
    },
    'check-mailbox': (page) => askToRegister(on(), page),
    'confirm-registration': confirmRegistration,
    'confirm-registration refused': async (page) => {
      await confirmRegistration(page);
      await submitFields(page, { password: 'Wrong#2026' });
    },
    'account-ready': async (page) => {
      await confirmRegistration(page);
      await submitFields(page, { password: PASSWORD });
      await page.waitForSelector('#continue');
    },
    recover: (page) => page.goto(`${on().test.issuer}/recover`),
    'reset-password': resetPassword,
    'reset-password refused': async (page) => {
      await resetPassword(page);
      await submitFields(page, { password: 'weak', password_again: 'weaker' });
    },
    'accept-invitation': acceptInvitation,
    'accept-invitation refused': async (page) => {
      await acceptInvitation(page);
      await submitFields(page, { last_name: 'x'.repeat(101), password: 'weak', password_again: 'weaker' });
    },
    'link-refused, broken': (page) => page.goto(`${on().test.issuer}/recover/broken`),
    'link-refused, expired': async (page) => {
      const { test, letDaysPass } = on();
      const link = await linkTo(test, await invite(on()));
      letDaysPass(8);
      await page.goto(`${test.issuer}${link}`);
    },
    'email with a link': async (page) => {
      await askForReset(on(), page);
      await showEmail(on(), page, 'Reset your password');
    },
  };
}

async function showEmail({ test }: Onboarding, page: Page, subject: string): Promise<void> {
  const email = (await emailsTo(test, 'ada@example.com')).find((each) => each.subject === subject);
  await page.goto('about:blank');
  await page.setContent(email!.html);
}
