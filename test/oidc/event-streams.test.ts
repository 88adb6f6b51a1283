import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { POLL, PUSH } from '../../src/oidc/shared-signals/stream.ts';
import { adminToken, giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { enterConsole } from '../support/console.ts';
import { relyingParty } from '../support/relying-party.ts';
import {
  ALL_EVENTS,
  becomeReceiver,
  giveReceiver,
  keepRunning,
  untilKnown,
  type Receiver,
} from '../support/signal-receiver.ts';

const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

describe('event streams', () => {
  let test: TestApp;
  let receiver: Receiver;
  let admin: string;
  let stopFollowing: () => Promise<void>;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: 'https://api.example.com/' } });
    receiver = await giveReceiver(test);
    admin = await adminToken(test);
    stopFollowing = keepRunning(test, 'follow-claim-changes');
  });
  afterAll(async () => {
    await stopFollowing();
    await test.tearDown();
  });

  it('are created, read, changed, replaced and deleted by their receiver', async () => {
    const [claims, sessions] = ALL_EVENTS;
    const delivery = { method: PUSH, endpoint_url: 'http://localhost:1/events', authorization_header: 'Bearer hidden' };
    const asked = {
      events_requested: [claims, 'urn:of:the:future'],
      delivery,
      description: 'Staging',
      format: 'ignored',
    };
    const { body: created } = await receiver.call('post', '/stream', asked).expect(201);
    const { stream_id: id } = created as { stream_id: string };
    expect(created).toEqual({
      stream_id: id,
      iss: test.issuer,
      aud: receiver.id,
      events_supported: ALL_EVENTS,
      events_requested: [claims, 'urn:of:the:future'],
      events_delivered: [claims],
      delivery: { method: PUSH, endpoint_url: 'http://localhost:1/events' },
      min_verification_interval: 10,
      description: 'Staging',
    });
    expect((await receiver.call('get', `/stream?stream_id=${id}`).expect(200)).body).toEqual(created);
    expect((await receiver.call('get', '/stream').expect(200)).body).toEqual([created]);

    const patched = await receiver.call('patch', '/stream', {
      ...created,
      events_requested: [sessions],
      description: null,
    });
    expect(patched.body).toMatchObject({ events_delivered: [sessions], delivery: { method: PUSH } });
    expect(patched.body).not.toHaveProperty('description');
    const replaced = await receiver.call('put', '/stream', { stream_id: id, delivery: { method: POLL } }).expect(200);
    expect(replaced.body).toMatchObject({
      events_requested: [],
      delivery: { method: POLL, endpoint_url: `${test.issuer}/ssf/poll/${id}` },
    });
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
    await receiver.call('get', `/stream?stream_id=${id}`).expect(404);
  });

  it('say which member of a request is wrong', async () => {
    const bad = { delivery: { method: PUSH, endpoint_url: 'ftp://example.com' } };
    const { body } = await receiver.call('post', '/stream', bad).expect(400);
    expect(body.description).toBe('delivery.endpoint_url: must be an http or https URL');
    await receiver.call('post', '/stream', { delivery: { method: 'carrier-pigeon' } }).expect(400);
    await receiver.call('patch', '/stream', { events_requested: [] }).expect(400);
    await test.http.post('/ssf/stream').set('authorization', `Bearer ${receiver.token}`).send('no').expect(415);
  });

  it('are another application’s as little as anybody else’s', async () => {
    const { stream_id: id } = await receiver.createStream({});
    const other = await giveReceiver(test, 'Other');
    for (const path of [`/stream?stream_id=${id}`, `/stream/status?stream_id=${id}`])
      await other.call('get', path).expect(404);
    await other.call('post', `/poll/${id}`, { returnImmediately: true }).expect(404);
    await other.call('delete', `/stream?stream_id=${id}`).expect(404);
    const refused = await test.http.get('/ssf/stream').expect(401);
    expect(refused.headers['www-authenticate']).toContain('invalid_token');
    await test.http.get('/ssf/stream').set('authorization', `Bearer ${admin}`).expect(401);
    const reading = await receiver.accessToken('ssf.read');
    await test.http.get('/ssf/stream').set('authorization', `Bearer ${reading}`).expect(200);
    await test.http.post('/ssf/stream').set('authorization', `Bearer ${reading}`).send({}).expect(403);
    await test.http.get('/v1/users').set('authorization', `Bearer ${receiver.token}`).expect(401);
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });

  it('are all that a receiver may ask for in its own name', async () => {
    const { body } = await test.http
      .post('/token')
      .auth(receiver.id, receiver.secret)
      .type('form')
      .send({ grant_type: 'client_credentials', resource: 'https://api.example.com/' })
      .expect(400);
    expect(body.error).toBe('invalid_target');
  });

  it('end with the permission', async () => {
    const other = await giveReceiver(test, 'Former');
    await other.signals({ shared_signals: false });
    await other.call('get', '/stream').expect(401);
    expect(await other.accessToken()).toBeUndefined();
    const native = { name: 'Phone', type: 'native', redirect_uris: ['com.example.phone:/callback'] };
    const created = await test.http.post('/v1/applications').set('authorization', `Bearer ${admin}`).send(native);
    const { body } = await test.http
      .put(`/v1/applications/${created.body.result.client_id}/signals`)
      .set('authorization', `Bearer ${admin}`)
      .send({ shared_signals: true })
      .expect(400);
    expect(body.errors[0].pointer).toBe('#/shared_signals');
  });

  it('are verified, not too often, and paused with what waits', async () => {
    const { stream_id: id } = await receiver.createStream({});
    await receiver.call('post', '/stream/verification', { stream_id: id, state: 'abc' }).expect(204);
    await receiver.call('post', '/stream/verification', { stream_id: id }).expect(429);
    await receiver
      .call('post', '/stream/status', { stream_id: id, status: 'paused', reason: 'Maintenance' })
      .expect(200);
    expect((await receiver.call('get', `/stream/status?stream_id=${id}`)).body).toEqual({
      stream_id: id,
      status: 'paused',
      reason: 'Maintenance',
    });
    expect(await receiver.poll(id)).toEqual([]);
    await receiver.call('post', '/stream/status', { stream_id: id, status: 'enabled' }).expect(200);
    const [told] = await receiver.poll(id);
    expect(told).toMatchObject({ event: VERIFICATION, details: { state: 'abc' } });
    expect(told!.payload['sub_id']).toEqual({ format: 'opaque', id });
    expect(await receiver.poll(id)).toEqual([]);
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });

  it('hand an event out again until it is acknowledged, the same each time, and tell when there is more', async () => {
    const { stream_id: id } = await receiver.createStream({});
    await receiver.call('post', '/stream/verification', { stream_id: id }).expect(204);
    const ask = async (body: object) => (await receiver.call('post', `/poll/${id}`, body).expect(200)).body;
    const first = await ask({ returnImmediately: true });
    const [jti] = Object.keys(first.sets as object);
    expect(await ask({ returnImmediately: true })).toEqual(first);
    expect(await ask({ maxEvents: 0 })).toEqual({ sets: {}, moreAvailable: true });
    const refusal = { [jti!]: { err: 'invalid_key', description: 'unknown' } };
    expect(await ask({ returnImmediately: true, setErrs: refusal })).toEqual({ sets: {} });
    const path = `/v1/applications/${receiver.id}/signals/events`;
    const { body } = await test.http.get(path).set('authorization', `Bearer ${admin}`).expect(200);
    expect(body.result[0]).toMatchObject({ jti, refusal: 'invalid_key: unknown' });
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });

  it('answer a receiver that waits as soon as there is something', async () => {
    const { stream_id: id } = await receiver.createStream({});
    const from = performance.now();
    const waiting = receiver.call('post', `/poll/${id}`, {}).then(({ body }) => ({ body, at: performance.now() }));
    await receiver.call('post', '/stream/verification', { stream_id: id }).expect(204);
    const { body, at } = await waiting;
    expect(Object.keys(body.sets as object)).toHaveLength(1);
    expect(at - from).toBeLessThan(9000);
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });

  it('leave out users whom the receiver takes out, by subject or email, and say nothing of unknown ones', async () => {
    const { stream_id: id } = await receiver.createStream({});
    const ada = await giveUser(test, 'ada@example.com');
    const party = await relyingParty(test, receiver);
    await party.signIn({ login: 'ada@example.com', scope: 'openid groups' });
    await untilKnown(test, ada.id);
    const subject = { format: 'iss_sub', iss: test.issuer, sub: ada.id };
    const byEmail = { format: 'email', email: 'Ada@example.com' };
    const v1 = (step: string) =>
      test.http.post(`/v1/users/${ada.id}/${step}`).set('authorization', `Bearer ${admin}`).expect(200);
    await receiver.call('post', '/stream/remove-subject', { stream_id: id, subject }).expect(204);
    await v1('disable');
    const known = test.app.database.connection.collection('application_users');
    while (!(await known.findOne({ userId: ada.id, isDisabled: true }))) await pause(20);
    await receiver.call('post', '/stream/verification', { stream_id: id }).expect(204);
    expect((await receiver.pollFor(id, 1)).map(({ event }) => event)).toEqual([VERIFICATION]);
    await receiver.call('post', '/stream/add-subject', { stream_id: id, subject: byEmail }).expect(200);
    const nobody = { format: 'email', email: 'nobody@example.com' };
    await receiver.call('post', '/stream/add-subject', { stream_id: id, subject: nobody }).expect(200);
    await v1('enable');
    expect((await receiver.pollFor(id, 1)).map(({ event }) => event)).toEqual(['account-enabled']);
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });

  it('are switched on, watched and deleted in the console', async () => {
    const application = await giveApplication(test, { name: 'Watched' });
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const place = `/console/applications/${application.id}/signals`;
    const { browser, page } = await enterConsole(test, 'owner@example.com', place);
    expect(page.html).not.toContain('Event streams');
    const saved = await browser.press(page, 'save', { shared_signals: 'yes', on_access_lost: 'sign_out' });
    expect(saved.html).toContain('Signals saved.');
    expect(saved.html).toContain('has not created an event stream yet');
    const watched = await becomeReceiver(test, application);
    const { stream_id: id } = await watched.createStream({});
    await watched.call('post', '/stream/verification', { stream_id: id }).expect(204);
    const shown = await browser.open(`${test.issuer}${place}`);
    expect(shown.html).toContain('1 event waiting');
    expect(shown.html).toContain('Verification');
    const deleted = await browser.press(shown, `delete-${id}`);
    expect(deleted.html).toContain('Event stream deleted.');
    await watched.call('get', `/stream?stream_id=${id}`).expect(404);
  });

  it('are created by the commands in the documents', async () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'applications.md'), 'utf8');
    const [, commands = ''] = /```sh\n(TOKEN=[\s\S]*?\/ssf\/stream[\s\S]*?)^```$/m.exec(guide) ?? [];
    const env = { ...process.env, ISSUER: test.issuer, CLIENT_ID: receiver.id, CLIENT_SECRET: receiver.secret };
    const { stdout } = await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${commands}`], { env });
    const { stream_id: id, events_delivered: delivered } = JSON.parse(stdout) as Record<string, string>;
    expect(delivered).toHaveLength(1);
    await receiver.call('delete', `/stream?stream_id=${id}`).expect(204);
  });
});
