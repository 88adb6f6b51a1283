import { USER_ATTRIBUTES } from '../../../config/profile-settings.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { exportText, importRows, importText } from './files.ts';

const ROW = {
  username: 'ada@example.com',
  middle_name: 'King',
  nickname: '=1+1',
  profile: 'https://example.com/ada',
  website: 'https://ada.example',
  gender: 'female',
  birthdate: '1815-12-10',
  phone_number: '+442071838750',
  phone_number_verified: true,
  address: { street_address: 'One;"Two"\nThree', locality: 'London' },
};
const settings = { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') };

describe('the additional attributes of users in files', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp({ settings });
  });
  afterAll(() => test.tearDown());

  const attributes = async ({ app }: TestApp = test) => (await app.users.findByUsername(ROW.username))!.attributes;
  const { username: _username, ...VALUES } = ROW;

  it.each(['jsonl', 'csv'] as const)('come back from %s as they were', async (format) => {
    await importRows(test, 'users', [ROW]);
    expect(await attributes()).toEqual(VALUES);
    const text = await exportText(test, 'users', { format });
    expect((await importText(test, 'users', text, { format })).counts).toMatchObject({ unchanged: 1, updated: 0 });
    const fresh = await startApp({ settings });
    try {
      expect((await importText(fresh, 'users', text, { format })).counts).toMatchObject({ created: 1 });
      expect(await attributes(fresh)).toEqual(VALUES);
    } finally {
      await fresh.tearDown();
    }
  });

  it('are taken away by <empty>, and stay where a cell says nothing', async () => {
    await importRows(test, 'users', [ROW]);
    const csv = (...lines: string[]) => importText(test, 'users', lines.join('\n'), { format: 'csv' });
    await csv('username,nickname,gender,address', `${ROW.username},<empty>,,<empty>`);
    const { nickname: _nickname, address: _address, ...left } = VALUES;
    expect(await attributes()).toEqual(left);
  });

  it('have a number that is verified only if the row says so of this number', async () => {
    await importRows(test, 'users', [ROW]);
    const { username } = ROW;
    await importRows(test, 'users', [{ username, phone_number: '+44 20 7183 8750', nickname: 'A' }]);
    expect(await attributes()).toMatchObject({ phone_number_verified: true });
    await importRows(test, 'users', [{ username, phone_number: '+442071838751' }]);
    expect(await attributes()).not.toHaveProperty('phone_number_verified');
    const { faults } = await importRows(test, 'users', [
      { username, phone_number: '', phone_number_verified: true },
      { username: 'grace@example.com', phone_number_verified: true },
    ]);
    const fault = { column: 'phone_number_verified', reason: 'requires a phone_number' };
    expect(faults.map((each) => each.faults)).toEqual([[fault], [fault]]);
  });

  it('are faults of their columns where they are not valid', async () => {
    const { faults } = await importRows(test, 'users', [
      { username: 'g@example.com', birthdate: '1.1.1900', phone_number: '0123', address: { locality: 'a\u0000' } },
    ]);
    expect(faults[0]!.faults.map(({ column }) => column)).toEqual(['birthdate', 'phone_number', 'address']);
  });

  it('that are not in use are exported, may stay and are not taken from a file', async () => {
    await importRows(test, 'users', [ROW]);
    const without = await startApp({ uri: test.uri, settings: { COHORT_USER_ATTRIBUTES: 'nickname' } });
    try {
      const text = await exportText(without, 'users');
      expect(JSON.parse(text)).toMatchObject(ROW);
      expect((await importText(without, 'users', text)).counts).toMatchObject({ unchanged: 1, failed: 0 });
      const { faults } = await importRows(without, 'users', [
        { username: ROW.username, gender: 'other', nickname: 'B' },
        { username: 'new@example.com', birthdate: '1900' },
      ]);
      const reason = (name: string) => `is not in use; add ${name} to COHORT_USER_ATTRIBUTES to use it`;
      expect(faults.map((each) => each.faults)).toEqual([
        [{ column: 'gender', reason: reason('gender') }],
        [{ column: 'birthdate', reason: reason('birthdate') }],
      ]);
      expect(await attributes()).toEqual(VALUES);
    } finally {
      await without.app.stop();
    }
  });

  it('may not say that somebody is born in the future, wherever it is tomorrow already', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().slice(0, 10);
    const reasonsFor = async (birthdate: string) => {
      const { faults } = await importRows(test, 'users', [{ username: 'newborn@example.com', birthdate }]);
      return faults.flatMap((row) => row.faults);
    };
    const fault = { column: 'birthdate', reason: 'must not be in the future' };
    for (const born of [inDays(0), inDays(-1), inDays(0).slice(0, 4), '0000-12-31'])
      expect([born, await reasonsFor(born)]).toEqual([born, []]);
    for (const born of [inDays(2), inDays(400), inDays(400).slice(0, 4), '9999-12-31'])
      expect([born, await reasonsFor(born)]).toEqual([born, [fault]]);
  });
});
