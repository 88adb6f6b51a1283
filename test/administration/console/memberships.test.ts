import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

describe("the console's pages of memberships, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/groups'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string) => browser.open(`${test.issuer}${path}`);

  it('adds members for a period, and shows it', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const { id } = await giveGroup(test, 'Pilots');
    const page = await open(`/console/groups/${id}/members/assign`);
    const added = await browser.press(page, 'save', { [`user:${ada.id}`]: 'yes', from: '', until: '2099-06-30T18:00' });
    expect(added.html).toContain('Members added.');
    expect(added.html).toMatch(/Until .*2099/);
    expect((await open(`/console/users/${ada.id}/groups`)).html).toMatch(/Until .*2099/);
    const [membership] = (await test.app.users.get(ada.id)).memberships;
    expect(membership).toMatchObject({ until: new Date('2099-06-30T18:00:00Z'), source: 'administrator' });
  });

  it('says what is wrong with a period, and keeps what was typed', async () => {
    const grace = await giveUser(test, 'grace@example.com');
    const { id } = await giveGroup(test, 'Staff');
    const page = await open(`/console/groups/${id}/members/assign`);
    const refused = await browser.press(page, 'save', { [`user:${grace.id}`]: 'yes', until: '2001-01-01T00:00' });
    expect(refused.status).toBe(400);
    expect(refused.html).toContain('Enter a time in the future');
    expect(refused.html).toContain('value="2001-01-01T00:00"');
  });

  it('moves a membership into the future, where it is found again', async () => {
    const hedy = await giveUser(test, 'hedy@example.com');
    const { id } = await giveGroup(test, 'Crew', [hedy.id]);
    const page = await open(`/console/groups/${id}/members/${hedy.id}`);
    const changed = await browser.press(page, 'save', { from: '2098-01-01T00:00', until: '' });
    expect(changed.html).toContain('Membership changed.');
    expect(changed.html).not.toContain('hedy@example.com');
    expect((await open(`/console/groups/${id}/members?active=false`)).html).toContain('hedy@example.com');
  });
});
