import { USER_ATTRIBUTES } from '../../config/profile-settings.ts';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';

const VALUES = {
  middle_name: 'King',
  nickname: 'Countess',
  profile: 'https://example.com/ada',
  website: 'https://ada.example',
  gender: 'female',
  birthdate: '1815-12-10',
  phone_number: '+442071838750',
};
const ADDRESS = {
  street_address: 'One\nTwo',
  locality: 'London',
  region: 'England',
  postal_code: 'SW1',
  country: 'UK',
};

describe('the additional attributes in My Account', () => {
  let test: TestApp;
  let without: TestApp;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') } });
    without = await startApp({ uri: test.uri, settings: { COHORT_USER_ATTRIBUTES: 'nickname' } });
  });
  afterAll(async () => {
    await without.app.stop();
    await test.tearDown();
  });

  async function openProfile(on: TestApp, login: string) {
    const browser = createPlainBrowser();
    const visit = await browser.open(`${on.issuer}/account/profile`);
    return { browser, page: await browser.press(visit, 'login-submit', { login, password: PASSWORD }) };
  }
  const attributesOf = async (id: string) => (await test.app.users.get(id)).attributes;

  it('are filled in, shown and taken away by their user', async () => {
    const { id } = await giveUser(test, 'ada@example.com');
    const { browser, page } = await openProfile(test, 'ada@example.com');
    const saved = await browser.press(page, 'submit', { ...VALUES, ...ADDRESS, street_address: 'One\r\nTwo' });
    expect(await attributesOf(id)).toEqual({ ...VALUES, address: ADDRESS });
    for (const text of ['value="Countess"', 'One\nTwo</textarea>', 'value="England"'])
      expect(saved.html).toContain(text);
    const { updatedAt } = await test.app.users.get(id);
    await browser.press(saved, 'submit', { street_address: 'One\r\nTwo' });
    expect((await test.app.users.get(id)).updatedAt).toEqual(updatedAt);
    const nothing = Object.fromEntries(Object.keys({ ...VALUES, ...ADDRESS }).map((name) => [name, '']));
    await browser.press(saved, 'submit', nothing);
    expect(await attributesOf(id)).toEqual({});
  });

  it('that are faulty are said to be beside their fields, and nothing is saved', async () => {
    const { id } = await giveUser(test, 'grace@example.com');
    const { browser, page } = await openProfile(test, 'grace@example.com');
    const faulty = {
      birthdate: 'soon',
      phone_number: '020',
      website: 'ada',
      locality: 'a\u202E',
      country: 'a'.repeat(101),
    };
    const { status, html } = await browser.press(page, 'submit', { ...faulty, nickname: 'Typed' });
    expect(status).toBe(400);
    for (const name of Object.keys(faulty)) expect(html).toContain(`id="${name}-fault"`);
    expect(html).toContain('Enter a phone number with its country code');
    expect(html).toContain('value="Typed"');
    expect(await attributesOf(id)).toEqual({});
  });

  it('have a number that is not verified any more when its user changes it', async () => {
    const { id } = await giveUser(test, 'mary@example.com');
    await test.app.users.update(system, id, { phone_number: '+442071838750', phone_number_verified: true });
    const { browser, page } = await openProfile(test, 'mary@example.com');
    const same = await browser.press(page, 'submit', { nickname: 'M', phone_number_verified: 'yes' });
    expect(await attributesOf(id)).toMatchObject({ phone_number_verified: true });
    await browser.press(same, 'submit', { phone_number: '+442071838751', phone_number_verified: 'yes' });
    expect(await attributesOf(id)).toEqual({ nickname: 'M', phone_number: '+442071838751' });
  });

  it('that are not in use have no field, and stay as they are', async () => {
    const { id } = await giveUser(test, 'vera@example.com');
    await test.app.users.update(system, id, { ...VALUES, address: ADDRESS });
    const { browser, page } = await openProfile(without, 'vera@example.com');
    expect(page.html).toContain('id="nickname"');
    for (const name of ['gender', 'phone_number', 'locality']) expect(page.html).not.toContain(`id="${name}"`);
    await browser.press(page, 'submit', { nickname: 'Vera', gender: 'other' });
    expect(await attributesOf(id)).toEqual({ ...VALUES, nickname: 'Vera', address: ADDRESS });
  });
});
