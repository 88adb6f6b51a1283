import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { enterConsole } from '../../support/console.ts';
import { emailsTo } from '../../support/emails.ts';
import { exportText, importText } from '../../administration/import-export/files.ts';

const DAY = 24 * 60 * 60;

describe('emails before a membership ends', () => {
  let test: TestApp;
  let token: string;
  /** Noon in UTC, so that what a test takes is never on the next day. */
  const noon = Math.floor(Date.now() / (DAY * 1000)) * DAY + DAY + DAY / 2;
  let at = noon;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(at * 1000) });
  });
  beforeEach(async () => {
    at = noon;
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const run = () => test.app.endNotices.sendDue();
  const subjects = async (to: string) => (await emailsTo(test, to)).map(({ subject }) => subject);

  let count = 0;
  async function groupWith({ days = 7, name = 'Pilots' }: { days?: number | null; name?: string } = {}) {
    count += 1;
    const group = await giveGroup(test, `${name} ${count}`);
    const { status, body } = await call('patch', `/v1/groups/${group.id}`, { end_notice_days: days });
    expect([status, body.result.end_notice_days]).toEqual([200, days]);
    return group;
  }
  async function member(groupId: string, name: string, until?: number) {
    const user = await giveUser(test, `${name}-${(count += 1)}@example.com`);
    await call('post', `/v1/groups/${groupId}/members`, { user_ids: [user.id], ...(until ? { until } : {}) });
    return user;
  }
  async function owner(groupId: string, name: string) {
    const user = await giveUser(test, `${name}-${(count += 1)}@example.com`);
    await test.app.memberships.addOwner(system, groupId, user.id);
    return user;
  }

  it('reach the user once for each end, however often the task runs, and again when the end is another', async () => {
    const group = await groupWith();
    const ada = await member(group.id, 'ada', noon + 10 * DAY);
    const never = await member(group.id, 'never');
    await run();
    expect(await subjects(ada.username)).toEqual([]);
    at = noon + 3 * DAY + 60;
    await Promise.all([run(), run(), run()]);
    await run();
    const [email, ...others] = await emailsTo(test, ada.username);
    expect([email!.subject, others]).toEqual([`Your membership in ${group.name} ends soon`, []]);
    const ends = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'UTC' }).format(new Date(noon * 1000));
    for (const part of [group.name, ends, 'ask an owner of the group']) {
      expect(email!.text).toContain(part);
      expect(email!.html).toContain(part);
    }
    const path = `/v1/groups/${group.id}/members/${ada.id}`;
    await call('patch', path, { until: noon + 30 * DAY });
    await run();
    expect(await subjects(ada.username)).toHaveLength(1);
    at = noon + 24 * DAY;
    await run();
    expect(await subjects(ada.username)).toHaveLength(2);
    expect(await subjects(never.username)).toEqual([]);
  });

  it('are not sent twice after their record in the outbox is forgotten, nor to disabled users, nor without the setting', async () => {
    const group = await groupWith({ days: 90 });
    const silent = await groupWith({ days: null });
    const bo = await member(group.id, 'bo', noon + 80 * DAY);
    const cy = await member(group.id, 'cy', noon + 80 * DAY);
    const di = await member(silent.id, 'di', noon + DAY);
    await test.app.users.disable(system, cy.id);
    await run();
    expect(await subjects(bo.username)).toHaveLength(1);
    await test.app.database.connection.collection('outbox').deleteMany({});
    at = noon + 60 * DAY;
    await run();
    expect(await subjects(bo.username)).toHaveLength(1);
    expect([await subjects(cy.username), await subjects(di.username)]).toEqual([[], []]);
  });

  it('reach owners at most once a day for each group, and name the members', async () => {
    const group = await groupWith({ name: 'Crew' });
    const olive = await owner(group.id, 'olive');
    const otto = await owner(group.id, 'otto');
    const first = await member(group.id, 'first', noon + 2 * DAY);
    const second = await member(group.id, 'second', noon + 3 * DAY);
    await run();
    const third = await member(group.id, 'third', noon + 4 * DAY);
    const fourth = await member(group.id, 'fourth', noon + 4 * DAY);
    await Promise.all([run(), run()]);
    for (const { username } of [olive, otto]) {
      const emails = await emailsTo(test, username);
      expect(emails.map(({ subject }) => subject)).toEqual([`Memberships in ${group.name} end soon`]);
      expect(emails[0]!.text).toContain(`${test.issuer}/account/groups/${group.id}`);
      const named = [first, second, third, fourth].map((user) => emails[0]!.text.includes(user.username));
      expect(named).toEqual([true, true, false, false]);
    }
    expect(await subjects(third.username)).toHaveLength(1);
    await call('delete', `/v1/groups/${group.id}/members/${fourth.id}`);
    at = noon + DAY;
    token = await adminToken(test);
    await run();
    const [next, ...older] = await emailsTo(test, olive.username);
    expect(older).toHaveLength(1);
    const named = [first, second, third, fourth].map((user) => next!.text.includes(user.username));
    expect(named).toEqual([false, false, true, false]);
    at = noon + 2 * DAY;
    await run();
    expect(await subjects(olive.username)).toHaveLength(2);
  });

  it('list a hundred members and how many more there are', async () => {
    const group = await groupWith({ name: 'Many' });
    const olga = await owner(group.id, 'olga');
    const users = await Promise.all(
      Array.from({ length: 103 }, (_, index) => giveUser(test, `many${index}@example.com`)),
    );
    const body = { user_ids: users.map(({ id }) => id), until: noon + DAY };
    await call('post', `/v1/groups/${group.id}/members`, body);
    await run();
    const [email] = await emailsTo(test, olga.username);
    expect(email!.text.match(/many\d+@example\.com/g)).toHaveLength(100);
    expect(email!.text).toContain('and 3 more');
    expect(await subjects('many102@example.com')).toHaveLength(1);
  });

  it('are in the language of the reader', async () => {
    const group = await groupWith();
    const people = [await member(group.id, 'de', noon + DAY), await member(group.id, 'ar', noon + DAY)];
    for (const [index, locale] of ['de', 'ar'].entries())
      await call('patch', `/v1/users/${people[index]!.id}`, { locale });
    await run();
    expect(await subjects(people[0]!.username)).toEqual([`Ihre Mitgliedschaft in ${group.name} endet bald`]);
    expect(await subjects(people[1]!.username)).toEqual([`عضويتك في ${group.name} تنتهي قريبًا`]);
  });

  it('are set by import and read by export', async () => {
    const file = (days: string) =>
      importText(test, 'groups', `name,end_notice_days\nImported notice,${days}\n`, { format: 'csv' });
    const days = async () => {
      const rows = (await exportText(test, 'groups')).split('\n').filter(Boolean);
      const groups = rows.map((row) => JSON.parse(row) as { name: string; end_notice_days?: number });
      return groups.find(({ name }) => name === 'Imported notice')!.end_notice_days;
    };
    expect((await file('21')).counts).toMatchObject({ created: 1 });
    expect(await days()).toBe(21);
    expect((await file('30')).counts).toMatchObject({ updated: 1 });
    expect((await file('30')).counts).toMatchObject({ unchanged: 1 });
    expect(await days()).toBe(30);
    for (const wrong of ['0', '91', 'soon']) expect((await file(wrong)).counts).toMatchObject({ failed: 1 });
    expect((await file('<empty>')).counts).toMatchObject({ updated: 1 });
    expect(await days()).toBeUndefined();
  });

  it('are set from 1 to 90 days, in the API and in the console', async () => {
    const group = await groupWith({ days: 90 });
    for (const days of [0, 91, 1.5, '7']) {
      const refused = await call('patch', `/v1/groups/${group.id}`, { end_notice_days: days });
      expect([refused.status, refused.body.errors?.[0]?.pointer]).toEqual([400, '#/end_notice_days']);
    }
    const made = await call('post', '/v1/groups', { name: 'Made with notice', end_notice_days: 14 });
    expect(made.body.result.end_notice_days).toBe(14);
    await giveUser(test, 'console-owner@example.com', { kind: 'administrator' });
    const place = `/console/groups/${group.id}`;
    const { browser, page } = await enterConsole(test, 'console-owner@example.com', place);
    const refused = await browser.press(page, 'save', { end_notice_days: '100' });
    expect([refused.status, refused.html.includes('Enter a number of days from 1 to 90')]).toEqual([400, true]);
    await browser.press(refused, 'save', { end_notice_days: '30' });
    const days = async () => (await call('get', `/v1/groups/${group.id}`)).body.result.end_notice_days as unknown;
    expect(await days()).toBe(30);
    const emptied = await browser.open(`${test.issuer}${place}`);
    await browser.press(emptied, 'save', { end_notice_days: '' });
    expect(await days()).toBeNull();
  });
});
