import { USER_ATTRIBUTES } from '../../config/profile-settings.ts';
import { system } from '../../src/platform/actor.ts';
import { connectToChromium, openPage, type OpenedPage } from '../support/browser.ts';
import type { Look } from '../support/looks.ts';
import { giveApplication, giveGroup, giveUser, PASSWORD, startApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

export const TABS = ['', '/profile', '/password', '/sessions', '/applications', '/activity', '/delete'];

export type AccountInBrowser = Awaited<ReturnType<typeof startAccountInBrowser>>;

/** My Account of Lea, who is in groups with short and long names, owns one of them, and has a connected application. */
export async function startAccountInBrowser() {
  const test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') } });
  const browser = await connectToChromium();
  const lea = await giveUser(test, 'lea@example.com', { firstName: 'Lea', lastName: 'Sommer' });
  const pilots = await giveGroup(test, 'Pilots', [lea.id]);
  await giveGroup(test, 'People with a name that is longer than what fits on the line of a phone', [lea.id]);
  await test.app.memberships.addOwner(system, pilots.id, lea.id);
  const party = await relyingParty(test, await giveApplication(test, { name: 'Flight book' }));
  await party.signIn({ login: 'lea@example.com', scope: 'openid profile email groups roles' });

  async function enter(look: Look): Promise<OpenedPage> {
    const opened = await openPage(browser, look);
    await opened.page.goto(`${test.issuer}/account`);
    await opened.page.fill('#login', 'lea@example.com');
    await opened.page.fill('#password', PASSWORD);
    await opened.page.click('#login-submit');
    return opened;
  }

  async function stop(): Promise<void> {
    await browser.close();
    await test.tearDown();
  }

  return { test, lea, pilots, enter, stop };
}
