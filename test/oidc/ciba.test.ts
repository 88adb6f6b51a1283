import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import * as client from 'openid-client';
import { createPlainBrowser, type PlainBrowser } from '../../src/demo/plain-browser.ts';
import { system } from '../../src/platform/actor.ts';
import { makeCertificate } from '../support/certificate.ts';
import { emailsTo } from '../support/emails.ts';
import { serviceWith } from '../support/actors.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';

const LOGIN = 'ada@example.com';

describe('a sign-in that is approved on another device (CIBA)', () => {
  let test: TestApp;
  let userId: string;
  let application: { id: string; secret: string };
  let config: client.Configuration;
  let account: PlainBrowser;
  let count = 0;

  beforeAll(async () => {
    test = await startApp();
    ({ id: userId } = await giveUser(test, LOGIN));
    await giveGroup(test, 'Pilots', [userId]);
    application = await giveApplication(test, {
      name: 'Help desk',
      protocol: { backchannel_token_delivery_mode: 'poll' },
    });
    config = await configure(application);
    account = await signIn(LOGIN);
  });
  afterAll(() => test.tearDown());

  const configure = ({ id, secret }: { id: string; secret: string }) =>
    client.discovery(new URL(test.issuer), id, secret, client.ClientSecretBasic(secret), {
      execute: [client.allowInsecureRequests],
    });
  async function signIn(login: string): Promise<PlainBrowser> {
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(`${test.issuer}/account/requests`);
    await browser.press(page, 'login-submit', { login, password: PASSWORD });
    return browser;
  }
  const ask = (more: Record<string, string> = {}, from = config) =>
    client.initiateBackchannelAuthentication(from, {
      scope: 'openid groups',
      login_hint: LOGIN,
      binding_message: `W-${(count += 1)}`,
      ...more,
    });
  /** An application that wants to be told, with its server: what it was told, and with which statuses it answers next. */
  async function givePinged() {
    const told: { authorization?: string | undefined; body: string }[] = [];
    const statuses: number[] = [];
    const { certificate, key } = makeCertificate('/CN=localhost', 'DNS:localhost');
    const known = getCACertificates('default');
    setDefaultCACertificates([...known, certificate]);
    const server: Server = createServer({ cert: certificate, key }, (req, res) => {
      let body = '';
      req.on('data', (piece) => (body += String(piece)));
      req.on('end', () => {
        told.push({ authorization: req.headers.authorization, body });
        res.writeHead(statuses.shift() ?? 204).end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const endpoint = `https://localhost:${(server.address() as AddressInfo).port}/ciba`;
    const protocol = {
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: endpoint,
    } as const;
    const pinged = await giveApplication(test, { protocol });
    const close = () => {
      server.close();
      server.closeAllConnections();
      setDefaultCACertificates(known);
    };
    return { told, statuses, pinged, from: await configure(pinged), close };
  }
  const pollOnce = (authReqId: string, { id, secret } = application) =>
    test.http
      .post('/token')
      .auth(id, secret)
      .type('form')
      .send({ grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: authReqId });
  const listed = async (by = account) => (await by.open(`${test.issuer}/account/requests`)).html;
  async function answer(verb: 'approve' | 'deny', bindingMessage: string, by = account) {
    const entry = (await listed(by)).split(`<bdi>${bindingMessage}</bdi>`)[1] ?? '';
    const [, id = ''] = new RegExp(`name="${verb}" value="([0-9a-f]{16})"`).exec(entry) ?? [];
    const reply = await test.http
      .post('/account/requests')
      .set('cookie', by.cookies().join('; '))
      .set('origin', new URL(test.issuer).origin)
      .type('form')
      .send({ [verb]: id });
    return { id, to: test.inside(reply.headers['location']) };
  }

  it('gives the tokens to the application, which has polled for them, once', async () => {
    const reply = await ask();
    expect((await pollOnce(reply.auth_req_id)).body).toMatchObject({ error: 'authorization_pending' });
    const [email] = await emailsTo(test, LOGIN);
    expect([email!.subject, email!.text]).toEqual([
      'Help desk asks you to approve a sign-in',
      expect.stringContaining(`${test.issuer}/account/requests`),
    ]);
    expect((await account.open(`${test.issuer}/account`)).html).toContain('asks you to approve a sign-in');
    expect((await answer('approve', `W-${count}`)).to).toBe('/account/requests?done=approved');

    const tokens = await pollOnce(reply.auth_req_id);
    expect(tokens.status).toBe(200);
    const userinfo = await test.http.get('/me').set('authorization', `Bearer ${tokens.body.access_token}`);
    expect(userinfo.body).toMatchObject({ sub: userId, groups: ['Pilots'] });
    const claims = JSON.parse(Buffer.from(tokens.body.id_token.split('.')[1], 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: userId, amr: ['pwd'], groups: ['Pilots'] });
    expect((await pollOnce(reply.auth_req_id)).body).toMatchObject({ error: 'invalid_grant' });
    const noted = await test.app.database.connection.collection('audit_events').find({ 'target.id': userId }).toArray();
    expect(noted.map((event) => event['action'] as string)).toContain('user.sign_in_request_approved');
  });

  it('is denied', async () => {
    const reply = await ask();
    expect((await answer('deny', `W-${count}`)).to).toBe('/account/requests?done=denied');
    expect((await pollOnce(reply.auth_req_id)).body).toMatchObject({ error: 'access_denied' });
  });

  it('is answered once, however many answer it, and by nobody else', async () => {
    const reply = await ask();
    await giveUser(test, 'eve@example.com');
    const eve = await signIn('eve@example.com');
    expect(await listed(eve)).not.toContain('Help desk');
    const { id } = { id: /name="approve" value="([0-9a-f]{16})"/.exec(await listed())![1]! };
    const send = (by: PlainBrowser, verb: string) =>
      test.http
        .post('/account/requests')
        .set('cookie', by.cookies().join('; '))
        .set('origin', new URL(test.issuer).origin)
        .type('form')
        .send({ [verb]: id });
    expect((await send(eve, 'approve')).headers['location']).toContain('done=request_gone');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => send(account, at % 2 ? 'approve' : 'deny')),
    );
    const won = answers.filter(({ headers }) => !headers['location']!.includes('request_gone'));
    expect(won).toHaveLength(1);
    expect([200, 400]).toContain((await pollOnce(reply.auth_req_id)).status);
  });

  it('tells an application that wants to be told (ping)', async () => {
    const { told, pinged, from, close } = await givePinged();
    const reply = await ask({ client_notification_token: 'secret-of-the-application' }, from);
    await answer('approve', `W-${count}`);
    expect(told).toEqual([
      { authorization: 'Bearer secret-of-the-application', body: JSON.stringify({ auth_req_id: reply.auth_req_id }) },
    ]);
    expect((await pollOnce(reply.auth_req_id, pinged)).status).toBe(200);

    close();
  });

  it('tells an application again that was not reached, until it is or has fetched its tokens', async () => {
    const { told, statuses, pinged, from, close } = await givePinged();
    const pings = test.app.database.connection.collection('ciba_pings');
    const retry = async () => {
      await pings.updateMany({}, { $set: { dueAt: new Date(0) } });
      const tasks = test.app.modules.flatMap((module) => module.tasks ?? []);
      await tasks.find(({ name }) => name === 'retry-pings')!.run(new AbortController().signal);
      return pings.countDocuments({});
    };
    statuses.push(503, 500);
    const first = await ask({ client_notification_token: 'secret-of-the-application' }, from);
    expect((await answer('approve', `W-${count}`)).to).toBe('/account/requests?done=approved');
    expect([await retry(), told.length]).toEqual([1, 2]);
    expect([await retry(), told.length]).toEqual([0, 3]);
    expect(new Set(told.map(({ body }) => body))).toEqual(
      new Set([JSON.stringify({ auth_req_id: first.auth_req_id })]),
    );
    expect((await pollOnce(first.auth_req_id, pinged)).status).toBe(200);

    statuses.push(503);
    const second = await ask({ client_notification_token: 'secret-of-the-application' }, from);
    await answer('approve', `W-${count}`);
    expect((await pollOnce(second.auth_req_id, pinged)).status).toBe(200);
    expect([await retry(), told.length]).toEqual([0, 4]);

    statuses.push(...Array<number>(6).fill(503));
    await ask({ client_notification_token: 'secret-of-the-application' }, from);
    await answer('approve', `W-${count}`);
    const left = [await retry(), await retry(), await retry(), await retry(), await retry()];
    expect([left, told.length]).toEqual([[1, 1, 1, 1, 0], 10]);
    close();
  });

  it('is asked for by applications alone that may, and for users who can answer', async () => {
    const plain = await configure(await giveApplication(test));
    await expect(ask({}, plain)).rejects.toMatchObject({ error: 'invalid_request' });
    const disabled = await giveUser(test, 'disabled@example.com');
    await test.app.users.disable(system, disabled.id);
    for (const login_hint of ['nobody@example.com', 'disabled@example.com', '', '{"$ne":""}'])
      await expect(ask({ login_hint })).rejects.toMatchObject({
        error: expect.stringMatching(/unknown_user_id|invalid_request/),
      });
    for (const binding_message of ['a\u202eb', 'x'.repeat(101), 'a\u00adb'])
      await expect(ask({ binding_message })).rejects.toMatchObject({ error: 'invalid_binding_message' });
  });

  it('asks a user no more than five times at once', async () => {
    const { id } = await giveUser(test, 'busy@example.com');
    for (let at = 0; at < 5; at += 1) await ask({ login_hint: 'busy@example.com' });
    await expect(ask({ login_hint: 'busy@example.com' })).rejects.toMatchObject({ error: 'access_denied' });
    await test.app.users.remove(system, id);
    expect(await test.app.database.connection.collection('sign_in_requests').countDocuments({ userId: id })).toBe(0);
  });

  it('is not approved without MFA for an application that requires it', async () => {
    const strict = await giveApplication(test, {
      name: 'Vault',
      requiresSecondFactor: true,
      protocol: { backchannel_token_delivery_mode: 'poll' },
    });
    const reply = await ask({}, await configure(strict));
    const html = await listed();
    expect(html).toContain('This application requires MFA');
    const [, id = ''] = /name="deny" value="([0-9a-f]{16})"/.exec(html) ?? [];
    await test.http
      .post('/account/requests')
      .set('cookie', account.cookies().join('; '))
      .set('origin', new URL(test.issuer).origin)
      .type('form')
      .send({ approve: id });
    expect((await pollOnce(reply.auth_req_id, strict)).body).toMatchObject({ error: 'authorization_pending' });
  });

  it('is configured by an administrator, who says how the application is told', async () => {
    const { call } = await serviceWith(test, ['applications:read', 'applications:write']);
    const params = { client_id: application.id };
    const patch = (body: object) => call({ name: 'patch /v1/applications/{client_id}', params, body });
    expect(await patch({ backchannel_token_delivery_mode: 'ping' })).toMatchObject({ status: 400 });
    expect(await patch({ backchannel_token_delivery_mode: null })).toMatchObject({ status: 200 });
    await expect(ask()).rejects.toMatchObject({ error: 'invalid_request' });
    expect(await patch({ backchannel_token_delivery_mode: 'poll' })).toMatchObject({ status: 200 });
    expect((await ask()).auth_req_id).toBeTruthy();
  });
});
