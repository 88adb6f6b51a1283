import { system } from '../../../src/platform/actor.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { emailsTo, linkTo, noted } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

const DAY = 24 * 3600_000;
const chosen = { first_name: 'Grace', last_name: 'Hopper', password: PASSWORD, password_again: PASSWORD };

describe('an invitation', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let token: string;
  let time = Date.now();

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(time) });
    party = await relyingParty(test, await giveApplication(test));
  });
  beforeEach(async () => {
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'delete', path: string, body?: object) => {
    const request = test.http[method](path).set('authorization', `Bearer ${token}`);
    return body ? request.send(body) : request;
  };
  const create = async (username: string, traits: object = {}): Promise<string> => {
    const reply = await call('post', '/v1/users', { username, send_invitation: true, ...traits });
    expect(reply.body).toMatchObject({ result: { username, status: 'invited' } });
    return reply.body.result.user_id as string;
  };
  const stateOf = async (userId: string) => (await call('get', `/v1/users/${userId}/invitation`)).body.result;
  const accept = (link: string, fields: object = chosen) => test.http.post(link).type('form').send(fields);
  const statusOf = async (userId: string) => (await test.app.users.get(userId)).status;

  it('leads from the email to the first sign-in, with the groups that were given at the creation', async () => {
    const group = await giveGroup(test, 'Pilots');
    const id = await create('grace@example.com', { first_name: 'Gracie', group_ids: [group.id] });
    expect(await stateOf(id)).toMatchObject({ state: 'sent', sent_by: 'Crew planner', opened_at: null });
    const [email] = await emailsTo(test, 'grace@example.com');
    expect(email).toMatchObject({ subject: 'Crew planner invited you', text: expect.stringContaining('7 days') });

    const plain = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await plain.open(`${test.issuer}${await linkTo(test, 'grace@example.com')}`);
    for (const shown of ['Crew planner', 'grace@example.com', 'Pilots', 'value="Gracie"'])
      expect(page.html).toContain(shown);
    // Mail scanners have seen it too.
    await test.http.head(new URL(page.address).pathname);
    expect(await stateOf(id)).toMatchObject({ state: 'sent', opened_at: null });
    const refused = await plain.press(page, 'submit', { ...chosen, password: 'weak' });
    expect(refused.status).toBe(400);
    expect(await stateOf(id)).toMatchObject({ state: 'opened', opened_at: expect.any(Number) });
    expect((await plain.press(page, 'submit', chosen)).status).toBe(200);
    expect(await stateOf(id)).toMatchObject({ state: 'accepted', accepted_at: expect.any(Number) });
    expect(await test.app.users.get(id)).toMatchObject({ status: 'active', firstName: 'Grace', lastName: 'Hopper' });

    const { idToken } = await party.signIn({ login: 'grace@example.com', scope: 'openid groups' });
    expect(idToken).toMatchObject({ sub: id, groups: ['Pilots'] });
    const events = ['created', 'invited', 'invitation_opened', 'updated', 'password_set', 'invitation_accepted'];
    expect(new Set(await noted(test, 'grace@example.com'))).toEqual(
      new Set([...events, 'signed_in'].map((event) => `user.${event}`)),
    );
  });

  it('is sent with the user or not at all', async () => {
    await giveUser(test, 'taken@example.com');
    const body = { username: 'taken@example.com', send_invitation: true };
    expect((await call('post', '/v1/users', body)).body.code).toBe('username_taken');
    expect(await emailsTo(test, 'taken@example.com')).toEqual([]);
    const both = { username: 'both@example.com', send_invitation: true, temporary_password: 'Wander#2026' };
    expect((await call('post', '/v1/users', both)).body).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '#/send_invitation', detail: 'cannot be combined with a password' }],
    });
  });

  it('takes the place of the one before, which says so', async () => {
    const id = await create('joan@example.com');
    const first = await linkTo(test, 'joan@example.com');
    time += 1000;
    expect((await call('post', `/v1/users/${id}/invitation`)).body.result).toMatchObject({ state: 'sent' });
    const refused = await accept(first);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('replaced by a newer one');
    const second = await linkTo(test, 'joan@example.com');
    expect(second).not.toBe(first);
    expect((await accept(second)).status).toBe(200);
    expect((await call('post', `/v1/users/${id}/invitation`)).body.code).toBe('not_invitable');
  });

  it('can be withdrawn', async () => {
    const id = await create('mary@example.com');
    const link = await linkTo(test, 'mary@example.com');
    expect((await call('delete', `/v1/users/${id}/invitation`)).status).toBe(204);
    expect(await stateOf(id)).toMatchObject({ state: 'revoked', revoked_at: expect.any(Number) });
    const { text, status } = await accept(link);
    expect(status).toBe(400);
    expect(text).toContain('It was revoked');
    expect(text).not.toContain('way-on');
    expect(await statusOf(id)).toBe('invited');
    expect((await call('delete', `/v1/users/${id}/invitation`)).body.code).toBe('invitation_closed');
    expect(await noted(test, 'mary@example.com')).toContain('user.invitation_revoked');
  });

  it('runs out after seven days, and whoever opens it can have a new one sent to the same address', async () => {
    const id = await create('late@example.com');
    const link = await linkTo(test, 'late@example.com');
    time += 7 * DAY - 1;
    expect((await test.http.get(link)).status).toBe(200);
    time += 1;
    token = await adminToken(test);
    expect(await stateOf(id)).toMatchObject({ state: 'expired' });
    const plain = createPlainBrowser();
    const page = await plain.open(`${test.issuer}${link}`);
    expect(page).toMatchObject({ status: 400, html: expect.stringContaining('This invitation has expired') });
    const sent = await plain.press(page, 'way-on');
    expect(sent).toMatchObject({ status: 200, html: expect.stringContaining('late@example.com') });
    const again = await linkTo(test, 'late@example.com');
    expect(again).not.toBe(link);
    expect((await stateOf(id)).sent_by).toBe('Crew planner');
    expect((await test.http.post(`${link}/renew`).type('form').send({})).status).toBe(400);
    expect((await accept(again)).status).toBe(200);
  });

  it('is not mailed anew too often: the page says how long to wait', async () => {
    const strict = await startApp({ settings: { COHORT_ACCOUNT_EMAILS_PER_HOUR: '1' }, now: () => new Date(time) });
    const user = { username: 'often@example.com', first_name: '', last_name: '', kind: 'customer' } as const;
    await strict.app.invitations.createInvited(system, { ...user, custom_data: {} });
    const renewNewest = async () => {
      const link = await linkTo(strict, 'often@example.com');
      time += 8 * DAY;
      return strict.http.post(`${link}/renew`).set('origin', strict.issuer).type('form').send({});
    };
    expect((await renewNewest()).status).toBe(200);
    const refused = await renewNewest();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    expect(refused.text).toContain('This invitation has expired');
    expect(refused.text).toMatch(/Too many attempts. Wait \d+ minutes and try again./);
    expect(refused.text).toContain('id="way-on"');
    expect(await emailsTo(strict, 'often@example.com')).toHaveLength(2);
    await strict.tearDown();
  });

  it('goes to each of many who are created at once, and to nobody when one of them cannot be', async () => {
    const users = [
      { username: 'many.a@example.com', send_invitation: true, locale: 'de' },
      { username: 'many.b@example.com' },
      { username: 'many.a@example.com', send_invitation: true },
      { username: 'many.c@example.com', temporary_password: 'Wander#2026' },
    ];
    const { body } = await call('post', '/v1/bulk/users', { users });
    const outcomes = body.result.items.map(({ outcome }: { outcome: string }) => outcome);
    expect(outcomes).toEqual(['created', 'created', 'username_taken', 'created']);
    const subjects = async (to: string) => (await emailsTo(test, to)).map(({ subject }) => subject);
    expect(await subjects('many.a@example.com')).toEqual(['Crew planner hat Sie eingeladen']);
    expect([await subjects('many.b@example.com'), await subjects('many.c@example.com')]).toEqual([[], []]);
    expect((await accept(await linkTo(test, 'many.a@example.com'))).status).toBe(200);

    const both = { username: 'many.d@example.com', send_invitation: true, password: 'Wander#2026' };
    const refused = await call('post', '/v1/bulk/users', { users: [both] });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, '#/users/0/send_invitation']);
    const lost = { username: 'many.e@example.com', send_invitation: true, group_ids: ['0000000000000000'] };
    await call('post', '/v1/bulk/users', { users: [{ username: 'many.f@example.com', send_invitation: true }, lost] });
    expect([await subjects('many.e@example.com'), await subjects('many.f@example.com')]).toEqual([[], []]);
  });

  it('is mailed anew to who forgot that they have no password yet, unless it was withdrawn', async () => {
    const id = await create('lost@example.com');
    await test.http.post('/recover').type('form').send({ email: 'lost@example.com' });
    expect(await emailsTo(test, 'lost@example.com')).toHaveLength(2);
    await call('delete', `/v1/users/${id}/invitation`);
    await test.http.post('/recover').type('form').send({ email: 'lost@example.com' });
    expect(await emailsTo(test, 'lost@example.com')).toHaveLength(2);
  });

  it('keeps what was typed and names all faults at once', async () => {
    const id = await create('rosa@example.com');
    const link = await linkTo(test, 'rosa@example.com');
    const fields = { first_name: 'Rosa\u202E', last_name: 'x'.repeat(101), password: 'weak', password_again: '' };
    const { status, text } = await accept(link, fields);
    expect(status).toBe(400);
    for (const shown of ['4 fields', 'is not allowed', 'too long', 'does not meet all', 'do not match'])
      expect(text).toContain(shown);
    expect(text).toContain(`value="${'x'.repeat(101)}"`);
    expect(await statusOf(id)).toBe('invited');
  });

  it('says that it was accepted when it is opened again, and that it is not complete when it is cut off', async () => {
    await create('lise@example.com');
    const link = await linkTo(test, 'lise@example.com');
    await accept(link);
    expect((await test.http.get(link)).text).toContain('You have already accepted this invitation');
    expect((await accept(link)).status).toBe(400);
    expect((await test.http.get(link.slice(0, -4))).text).toContain('This link is incomplete');
  });

  it('ends when an administrator sets a temporary password or disables the user', async () => {
    const emmy = await create('emmy@example.com');
    const first = await linkTo(test, 'emmy@example.com');
    await test.app.credentials.setTemporary(system, emmy, 'Wander#2026');
    expect((await accept(first)).text).toContain('is no longer valid');
    const vera = await create('vera@example.com');
    const second = await linkTo(test, 'vera@example.com');
    await test.app.users.disable(system, vera);
    expect((await accept(second)).text).toContain('is no longer valid');
    expect(await statusOf(vera)).toBe('disabled');
    await test.app.users.enable(system, vera);
    expect(await statusOf(vera)).toBe('invited');
    expect((await accept(second)).text).toContain('is no longer valid');
    expect((await test.app.invitations.get(vera)).state).toBe('revoked');
  });

  it('is accepted by one of fifty at once', async () => {
    const id = await create('katherine@example.com');
    const link = await linkTo(test, 'katherine@example.com');
    const replies = await Promise.all(Array.from({ length: 50 }, () => accept(link)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 400)).toHaveLength(49);
    const accepted = (await noted(test, 'katherine@example.com')).filter((action) => action.endsWith('accepted'));
    expect(accepted).toHaveLength(1);
    expect(await statusOf(id)).toBe('active');
  });

  it('is accepted as a whole or not at all: a write that fails leaves the link good', async () => {
    const id = await create('mae@example.com');
    const link = await linkTo(test, 'mae@example.com');
    const { connection } = test.app.database;
    await connection.db!.command({
      collMod: 'audit_events',
      validator: { action: { $ne: 'user.invitation_accepted' } },
    });
    expect((await accept(link)).status).toBe(500);
    expect(await test.app.users.get(id)).toMatchObject({ status: 'invited', firstName: '' });
    await connection.db!.command({ collMod: 'audit_events', validator: {} });
    expect((await accept(link)).status).toBe(200);
  });

  it('goes with the user', async () => {
    const id = await create('gone@example.com');
    const link = await linkTo(test, 'gone@example.com');
    await test.app.users.remove(system, id);
    expect((await accept(link)).text).toContain('This link is incomplete');
    expect(await test.app.database.connection.collection('links').countDocuments({ subject: id })).toBe(0);
  });
});
