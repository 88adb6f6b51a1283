import { USER_ATTRIBUTES } from '../../../config/profile-settings.ts';
import { system } from '../../../src/platform/actor.ts';
import { giveApplication, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { enterConsole } from '../../support/console.ts';

const VALUES = { nickname: 'Countess', birthdate: '1815-12-10', phone_number: '+442071838750' };
const ADDRESS = { street_address: 'One\nTwo', locality: 'London' };

describe('the additional attributes in the console', () => {
  let test: TestApp;
  let without: TestApp;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') } });
    without = await startApp({ uri: test.uri });
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    await giveUser(test, 'auditor@example.com', { kind: 'administrator', adminRoles: ['auditor'] });
  });
  afterAll(async () => {
    await without.app.stop();
    await test.tearDown();
  });

  async function openUser(on: TestApp, id: string, login = 'owner@example.com') {
    const { browser } = await enterConsole(on, login);
    return { browser, page: await browser.open(`${on.issuer}/console/users/${id}`) };
  }
  const attributesOf = async (id: string) => (await test.app.users.get(id)).attributes;

  it('are changed by administrators, who can say that a number is verified', async () => {
    const { id } = await giveUser(test, 'ada@example.com');
    const { browser, page } = await openUser(test, id);
    const given = { ...VALUES, ...ADDRESS, phone_number_verified: 'yes' };
    const saved = await browser.press(page, 'save', given);
    expect(saved.status).toBe(200);
    expect(await attributesOf(id)).toEqual({ ...VALUES, phone_number_verified: true, address: ADDRESS });
    const { updatedAt } = await test.app.users.get(id);
    await browser.press(saved, 'save', { street_address: 'One\r\nTwo' });
    expect((await test.app.users.get(id)).updatedAt).toEqual(updatedAt);
    await browser.press(saved, 'save', { phone_number: '', street_address: '', locality: '' });
    const { phone_number: _number, ...left } = VALUES;
    expect(await attributesOf(id)).toEqual(left);
  });

  it('that are faulty are said to be beside their fields', async () => {
    const { id } = await giveUser(test, 'grace@example.com');
    const { browser, page } = await openUser(test, id);
    const faulty = { birthdate: 'soon', phone_number: '020', website: 'ada', locality: 'a\u202E' };
    const { status, html } = await browser.press(page, 'save', { ...faulty, nickname: 'Typed' });
    expect(status).toBe(400);
    for (const name of Object.keys(faulty)) expect(html).toContain(`id="${name}-fault"`);
    expect(html).toContain('Enter a date such as 1815-12-10');
    expect(html).toContain('value="Typed"');
  });

  it('are shown to those who may not change them', async () => {
    const { id } = await giveUser(test, 'mary@example.com');
    await test.app.users.update(system, id, { ...VALUES, phone_number_verified: true, address: ADDRESS });
    const { page } = await openUser(test, id, 'auditor@example.com');
    for (const text of ['Countess', 'London', 'Phone number is verified']) expect(page.html).toContain(text);
    expect(page.html).not.toContain('id="nickname"');
  });

  it('that are not in use are not shown, and stay as they are', async () => {
    const { id } = await giveUser(test, 'vera@example.com');
    await test.app.users.update(system, id, { ...VALUES, address: ADDRESS });
    const { browser, page } = await openUser(without, id);
    for (const name of ['nickname', 'phone_number_verified', 'locality', 'Countess'])
      expect(page.html).not.toContain(name);
    await browser.press(page, 'save', { first_name: 'Vera', nickname: 'Other' });
    expect(await attributesOf(id)).toEqual({ ...VALUES, address: ADDRESS });
    expect((await test.app.users.get(id)).firstName).toBe('Vera');
  });

  it('have scopes for the ID token only while they are in use', async () => {
    const { id } = await giveApplication(test);
    const path = `/console/applications/${id}/claims`;
    const { browser } = await enterConsole(test, 'owner@example.com');
    const page = await browser.open(`${test.issuer}${path}`);
    expect(page.html).toContain('name="scope:phone"');
    await browser.press(page, 'save', { 'scope:phone': 'yes' });
    const { browser: other } = await enterConsole(without, 'owner@example.com');
    const kept = await other.open(`${without.issuer}${path}`);
    expect(kept.html).toContain('name="scope:phone"');
    expect(kept.html).not.toContain('name="scope:address"');
  });
});

describe('the attributes in use', () => {
  it('are a setting of the console', async () => {
    const test = await startApp();
    try {
      await giveUser(test, 'owner@example.com', { kind: 'administrator' });
      const { browser } = await enterConsole(test, 'owner@example.com');
      const page = await browser.open(`${test.issuer}/console/settings/edit`);
      expect(page.html).toContain('Additional user attributes');
      const refused = await browser.press(page, 'save', { COHORT_USER_ATTRIBUTES: 'nickname shoe_size' });
      expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('shoe_size')]);
      await browser.press(refused, 'save', { COHORT_USER_ATTRIBUTES: 'nickname phone_number' });
      expect(await test.app.storedSettings()).toEqual({ COHORT_USER_ATTRIBUTES: 'nickname phone_number' });
    } finally {
      await test.tearDown();
    }
  });
});
