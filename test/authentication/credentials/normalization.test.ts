import { mock } from 'node:test';
import argon2 from '@node-rs/argon2';
import bcrypt from 'bcryptjs';
import { passwordFormFaults } from '../../../src/authentication/credentials/password-form.ts';
import { passwordFaults } from '../../../src/authentication/credentials/password.ts';
import { importRows } from '../../administration/import-export/files.ts';
import { adminToken, giveUser, ownSession, startApp, type TestApp } from '../../support/app.ts';
import { argon2Hash } from './argon2-hash.ts';

const NFC = 'Ölmühle#2026'.normalize('NFC');
const NFD = NFC.normalize('NFD');
const ADDRESS = '192.0.2.7';

/** A keyboard of a Mac writes `ö` as two code points, one of Windows as one: it is the same password. */
describe('a password', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());
  afterEach(() => mock.restoreAll());

  const isRight = async (username: string, password: string) =>
    (await test.app.credentials.verify(username, password, { address: ADDRESS })) !== undefined;

  it.each([
    ['composed', NFC, NFD],
    ['decomposed', NFD, NFC],
  ])('that is set %s is right in any form', async (form, set, typed) => {
    const username = `${form}@example.com`;
    const send = (path: string, body: object) =>
      test.http.post(path).set('authorization', `Bearer ${token}`).send(body);
    const { status, body } = await send('/v1/users', { username, password: set });
    expect(status).toBe(201);
    const { user_id: id } = body.result as { user_id: string };
    expect([await isRight(username, typed), await isRight(username, set)]).toEqual([true, true]);
    expect(await isRight(username, `${typed}x`)).toBe(false);

    await test.http
      .put(`/v1/users/${id}/password`)
      .set('authorization', `Bearer ${token}`)
      .send({ temporary_password: `${set}!` });
    expect(await isRight(username, `${typed}!`)).toBe(true);
    const change = await test.app.credentials.change(
      { kind: 'user', id, name: username, scopes: new Set() },
      await ownSession(test, id),
      `${typed}!`,
    );
    expect(change.faults).toContain('same');
  });

  it.each([
    ['bcrypt', (password: string) => bcrypt.hashSync(password, 4)],
    ['argon2id', (password: string) => argon2Hash(password)],
  ])('of a foreign %s hash is right as it was typed there, and then in any form', async (kind, hash) => {
    const username = `${kind}@example.com`;
    await importRows(test, 'users', [{ username, password_hash: hash(NFD), status: 'active' }]);
    expect(await isRight(username, NFC)).toBe(false);
    expect(await isRight(username, NFD)).toBe(true);
    expect(await isRight(username, NFC)).toBe(true);
  });

  it('costs as many evaluations for a user who does not exist as for one who does', async () => {
    await giveUser(test, 'ada@example.com', { password: NFC });
    const evaluations = mock.method(argon2, 'hashRaw');
    for (const [password, expected] of [
      [NFC, 1],
      [`${NFC}x`, 1],
      [NFD, 2],
      [`${NFD}x`, 2],
    ] as const) {
      for (const username of ['ada@example.com', 'nobody@example.com']) {
        evaluations.mock.resetCalls();
        await isRight(username, password);
        expect([username, evaluations.mock.callCount()]).toEqual([username, expected]);
      }
    }
  });

  it('is judged and repeated in any form', () => {
    const keysOf = (password: string) => passwordFaults(password, () => false).map(({ key }) => key);
    const short = 'Aö1!aö'.normalize('NFD');
    expect([short.length, keysOf(short)]).toEqual([8, ['length']]);
    expect(keysOf('Aa1!' + 'ö'.normalize('NFD').repeat(124))).toEqual([]);
    expect(keysOf('Aa1!' + '👩'.repeat(124))).toEqual([]);
    expect(keysOf('Aa1!' + '👩'.repeat(125))).toEqual(['long']);
    expect(passwordFormFaults([], NFC, NFD)).toEqual({});
  });
});
