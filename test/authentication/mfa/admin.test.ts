import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { codeOf, giveTotp } from '../../support/factors.ts';
import { adminToken, giveApplication, giveUser, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { emailsTo, noted } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe('an administrator', () => {
  let test: TestApp;
  let token: string;
  let people = 0;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const somebody = () => giveUser(test, `somebody-${(people += 1)}@example.com`);
  const call = (method: 'get' | 'delete' | 'patch' | 'post', path: string) =>
    test.http[method](path).set('authorization', `Bearer ${token}`);

  it('sees what somebody has, and none of their secrets', async () => {
    const user = await somebody();
    const { secret } = await giveTotp(test, user);
    const reply = await call('get', `/v1/users/${user.id}/factors`);
    const common = { created_at: expect.any(Number), name: null, is_backed_up: null };
    expect(reply.body).toEqual({
      next: null,
      previous: null,
      result: [
        { ...common, factor_id: 'totp', kind: 'totp', codes_left: null, last_used_at: expect.any(Number) },
        { ...common, factor_id: 'recovery_codes', kind: 'recovery_codes', codes_left: 10, last_used_at: null },
      ],
    });
    expect(JSON.stringify(reply.body)).not.toContain(secret.replaceAll(' ', ''));
    const one = await call('get', `/v1/users/${user.id}/factors/recovery_codes`);
    expect(one.body.result.codes_left).toBe(10);
  });

  it('takes all of them away: noted, told, and everything that was open ends', async () => {
    const user = await somebody();
    const { secret } = await giveTotp(test, user);
    const party = await relyingParty(test, await giveApplication(test));
    const start = await party.authorize({
      login: user.username,
      browser: createPlainBrowser({ stopAt: [REDIRECT_URI] }),
    });
    await start.browser.press(start.visit, 'submit', { code: codeOf(secret), remember: 'yes' });
    expect((await call('delete', `/v1/users/${user.id}/factors`)).status).toBe(204);
    expect((await call('get', `/v1/users/${user.id}/factors`)).body.result).toEqual([]);
    expect((await start.browser.open(`${test.issuer}/account`)).html).toContain('login-submit');
    expect(await test.app.mfa.factors.listDevices(user.id)).toEqual([]);
    expect((await emailsTo(test, user.username)).map(({ subject }) => subject)).toContain('Sign-in method removed');
    expect(await noted(test, user.username)).toContain('mfa.removed');
    expect((await party.signIn({ login: user.username })).idToken['amr']).toEqual(['pwd']);
  });

  it('does so only to what they read, with If-Match', async () => {
    const user = await somebody();
    await giveTotp(test, user);
    const path = `/v1/users/${user.id}/factors/recovery_codes`;
    const { headers } = await call('get', path);
    const stale = await call('delete', path).set('if-match', '"other"');
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    expect((await call('delete', path).set('if-match', headers['etag'] ?? '')).status).toBe(204);
    expect((await call('delete', path)).body.code).toBe('factor_not_found');
  });

  it('asks a second factor of an application, a group and a role, and it is kept and shown', async () => {
    const wanted = { requires_second_factor: true };
    const things = [
      ['/v1/applications', { name: 'Ledger', redirect_uris: [REDIRECT_URI] }, 'client_id'],
      ['/v1/groups', { name: 'Treasurers' }, 'group_id'],
      ['/v1/roles', { name: 'treasurer' }, 'role_id'],
    ] as const;
    for (const [path, body, id] of things) {
      const made = await call('post', path).send(body);
      expect([path, made.body.result.requires_second_factor]).toEqual([path, false]);
      const address = `${path}/${made.body.result[id]}`;
      expect((await call('patch', address).send(wanted)).body.result.requires_second_factor).toBe(true);
      expect((await call('get', address)).body.result.requires_second_factor).toBe(true);
      expect((await call('patch', address).send({ description: 'x' })).body.result.requires_second_factor).toBe(true);
    }
  });

  it('removes a user with everything of theirs', async () => {
    const user = await somebody();
    await giveTotp(test, user);
    await call('delete', `/v1/users/${user.id}`);
    const { connection } = test.app.database;
    expect(await connection.collection<{ _id: string }>('factors').findOne({ _id: user.id })).toBeNull();
  });
});
