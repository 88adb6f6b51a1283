import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import {
  eventsOf,
  giveReceiver,
  keepRunning,
  startPushEndpoint,
  untilKnown,
  type Receiver,
  type Told,
} from '../support/signal-receiver.ts';

const claimsIn = (told: Told[]) => eventsOf(told, 'token-claims-change').map(({ details }) => details['claims']);

describe('shared signals', () => {
  let test: TestApp;
  let receiver: Receiver;
  let stopFollowing: () => Promise<void>;
  let stopPushing: () => Promise<void>;
  let count = 0;
  beforeAll(async () => {
    test = await startApp();
    receiver = await giveReceiver(test);
    stopFollowing = keepRunning(test, 'follow-claim-changes');
    stopPushing = keepRunning(test, 'push-security-events');
  });
  afterAll(async () => {
    await stopFollowing();
    await stopPushing();
    await test.tearDown();
  });

  /** A user whom the application knows, and what it has heard of them is nothing. */
  async function knownUser(scope = 'openid groups roles', application: Pick<Receiver, 'id' | 'secret'> = receiver) {
    count += 1;
    const username = `user-${count}@example.com`;
    const user = await giveUser(test, username);
    const party = await relyingParty(test, application);
    const { tokens, idToken, browser } = await party.signIn({ login: username, scope });
    await untilKnown(test, user.id);
    return { user, username, tokens, sid: idToken['sid'], party, browser };
  }

  it('are described at the well-known address', async () => {
    const { body } = await test.http.get('/.well-known/ssf-configuration').expect(200);
    expect(body).toMatchObject({
      spec_version: '1_0',
      issuer: test.issuer,
      jwks_uri: `${test.issuer}/jwks`,
      configuration_endpoint: `${test.issuer}/ssf/stream`,
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
    });
  });

  it('tell an application of changes to its own claim, and of no others', async () => {
    const stream = await receiver.createStream({});
    const { user } = await knownUser();
    const seen = await giveGroup(test, `Seen ${count}`);
    await test.app.memberships.add(system, seen.id, { userIds: [user.id] });
    const told = await receiver.pollFor(stream.stream_id, 1);
    expect(told.map(({ event, sub }) => [event, sub])).toEqual([['token-claims-change', user.id]]);
    expect(claimsIn(told)).toEqual([{ groups: [`Seen ${count}`] }]);

    const token = await adminToken(test);
    await test.http
      .put(`/v1/applications/${receiver.id}/claim-policy`)
      .set('authorization', `Bearer ${token}`)
      .send({ group_ids: [seen.id] })
      .expect(200);
    const unseen = await giveGroup(test, `Unseen ${count}`, [user.id]);
    await test.app.groups.update(system, unseen.id, { name: `Unseen still ${count}` });
    await test.app.groups.update(system, seen.id, { name: `Renamed ${count}` });
    expect(claimsIn(await receiver.pollFor(stream.stream_id, 1))).toEqual([{ groups: [`Renamed ${count}`] }]);
    await test.http
      .put(`/v1/applications/${receiver.id}/claim-policy`)
      .set('authorization', `Bearer ${token}`)
      .send({})
      .expect(200);
    expect(claimsIn(await receiver.pollFor(stream.stream_id, 1))).toEqual([
      { groups: [`Renamed ${count}`, `Unseen still ${count}`] },
    ]);
    await test.app.groups.remove(system, unseen.id);
    await test.app.memberships.purgeDeleted();
    expect(claimsIn(await receiver.pollFor(stream.stream_id, 1))).toEqual([{ groups: [`Renamed ${count}`] }]);
    await receiver.call('delete', `/stream?stream_id=${stream.stream_id}`).expect(204);
  });

  it('tell what has become of an account, its credentials and its sessions', async () => {
    const stream = await receiver.createStream({});
    const { user, sid } = await knownUser();
    const token = await adminToken(test);
    const v1 = (method: 'post' | 'put' | 'delete', path: string, body?: object) =>
      test.http[method](`/v1/users/${user.id}${path}`).set('authorization', `Bearer ${token}`).send(body);
    await v1('put', '/password', { temporary_password: 'Another#2026' }).expect(204);
    const told = await receiver.pollFor(stream.stream_id, 2);
    for (const step of ['/disable', '/enable']) {
      await v1('post', step).expect(200);
      told.push(...(await receiver.pollFor(stream.stream_id, 1)));
    }
    await v1('delete', '').expect(204);
    told.push(...(await receiver.pollFor(stream.stream_id, 1)));
    expect(
      told
        .map(({ event }) => event)
        .slice(0, 2)
        .sort(),
    ).toEqual(['credential-change', 'session-revoked']);
    expect(told.map(({ event }) => event).slice(2)).toEqual(['account-disabled', 'account-enabled', 'account-purged']);
    expect(new Set(told.map(({ sub }) => sub))).toEqual(new Set([user.id]));
    expect(eventsOf(told, 'credential-change')[0]!.details).toMatchObject({
      credential_type: 'password',
      change_type: 'update',
      initiating_entity: 'admin',
      event_timestamp: expect.any(Number),
    });
    expect(eventsOf(told, 'session-revoked')[0]!.payload['sub_id']).toEqual({
      format: 'complex',
      user: { format: 'iss_sub', iss: test.issuer, sub: user.id },
      session: { format: 'opaque', id: sid },
    });
    await receiver.call('delete', `/stream?stream_id=${stream.stream_id}`).expect(204);
  });

  it('tell of a session that its user has ended', async () => {
    const stream = await receiver.createStream({});
    const { user, sid, browser } = await knownUser();
    await browser.press(await browser.open(`${test.issuer}/session/end`), 'logout-yes');
    const [told] = eventsOf(await receiver.pollFor(stream.stream_id, 1), 'session-revoked');
    expect(told).toMatchObject({ sub: user.id, details: { initiating_entity: 'user' } });
    expect(told!.payload['sub_id']).toMatchObject({ session: { format: 'opaque', id: sid } });
    await receiver.call('delete', `/stream?stream_id=${stream.stream_id}`).expect(204);
  });

  it('are pushed in order, again after an outage, and not again after a refusal', async () => {
    const endpoint = await startPushEndpoint(receiver);
    const stream = await receiver.createStream({ delivery: endpoint.delivery });
    const { user } = await knownUser();
    endpoint.answers.push((res) => res.writeHead(503).end());
    endpoint.answers.push((res) => res.destroy());
    const names = ['A', 'B', 'C'].map((letter) => `${letter} ${count}`);
    for (const name of names) await giveGroup(test, name, [user.id]);
    const untilTold = async (most: number) => {
      const until = performance.now() + 20_000;
      const last = () => claimsIn(endpoint.told).at(-1) as { groups: string[] } | undefined;
      while ((last()?.groups.length ?? 0) < most && performance.now() < until) await pause(20);
      return claimsIn(endpoint.told) as { groups: string[] }[];
    };
    const told = await untilTold(3);
    expect(told.at(-1)).toEqual({ groups: names });
    expect(told.map(({ groups }) => groups.length)).toEqual(told.map(({ groups }) => groups.length).sort());
    expect(endpoint.headers[0]).toMatchObject({
      'content-type': 'application/secevent+jwt',
      authorization: 'Bearer receiver',
    });
    endpoint.answers.push((res) => res.writeHead(400).end('{"err":"invalid_key","description":"no"}'));
    await giveGroup(test, `D ${count}`, [user.id]);
    const token = await adminToken(test);
    const events = async () =>
      (
        await test.http
          .get(`/v1/applications/${receiver.id}/signals/events`)
          .set('authorization', `Bearer ${token}`)
          .expect(200)
      ).body.result as { refusal: string | null; delivered_at: number }[];
    while (!(await events())[0]!.refusal) await pause(20);
    expect((await events())[0]!.refusal).toContain('invalid_key');
    await giveGroup(test, `E ${count}`, [user.id]);
    expect((await untilTold(5)).at(-1)!.groups).toHaveLength(5);
    endpoint.stop();
    await receiver.call('delete', `/stream?stream_id=${stream.stream_id}`).expect(204);
  });

  it('are not pushed to an application that may not receive them any more', async () => {
    const former = await giveReceiver(test, 'Former');
    const endpoint = await startPushEndpoint(former);
    const stream = await former.createStream({ delivery: endpoint.delivery });
    await former.call('post', '/stream/status', { stream_id: stream.stream_id, status: 'paused' }).expect(200);
    await former.call('post', '/stream/verification', { stream_id: stream.stream_id }).expect(204);
    await former.call('post', '/stream/status', { stream_id: stream.stream_id, status: 'enabled' });
    const waiting = async () => {
      const path = `/v1/applications/${former.id}/signals/streams`;
      const { body } = await test.http.get(path).set('authorization', `Bearer ${await adminToken(test)}`);
      return body.result[0] as { pending: number; last_failure: string | null };
    };
    while ((await waiting()).pending > 0) await pause(20);
    await former.call('post', '/stream/status', { stream_id: stream.stream_id, status: 'paused' }).expect(200);
    const streams = test.app.database.connection.collection('event_streams');
    await streams.updateOne({ _id: stream.stream_id as never }, { $unset: { verifiedAt: 1 } });
    await former.call('post', '/stream/verification', { stream_id: stream.stream_id }).expect(204);
    await former.signals({ shared_signals: false });
    await streams.updateOne({ _id: stream.stream_id as never }, { $set: { status: 'enabled' } });
    while (!(await waiting()).last_failure) await pause(20);
    expect([endpoint.told.length, (await waiting()).pending]).toEqual([1, 1]);
    endpoint.stop();
  });

  it('end what is left of lost access, as the application wants it', async () => {
    const group = await giveGroup(test, `Allowed ${(count += 1)}`);
    const application = await giveApplication(test, { name: 'Closed' });
    const token = await adminToken(test);
    const put = (path: string, body: object) =>
      test.http
        .put(`/v1/applications/${application.id}${path}`)
        .set('authorization', `Bearer ${token}`)
        .send(body)
        .expect(200);
    await put('/access', { access: 'groups', group_ids: [group.id] });
    await put('/signals', { on_access_lost: 'sign_out' });
    const username = `user-${(count += 1)}@example.com`;
    const user = await giveUser(test, username);
    await test.app.memberships.add(system, group.id, { userIds: [user.id] });
    const party = await relyingParty(test, application);
    await party.signIn({ login: username, scope: 'openid' });
    const connections = async () =>
      (await test.http.get(`/v1/users/${user.id}/applications`).set('authorization', `Bearer ${token}`).expect(200))
        .body.result as unknown[];
    const audited = async () =>
      (
        await test.http
          .get(`/v1/audit-events?action=user.access_lost&target_id=${user.id}`)
          .set('authorization', `Bearer ${token}`)
          .expect(200)
      ).body.result as { details: object }[];
    await test.app.memberships.remove(system, group.id, { userIds: [user.id] });
    while ((await audited()).length === 0) await pause(20);
    expect((await audited())[0]!.details).toEqual({ on_access_lost: 'sign_out' });
    expect(await connections()).toEqual([]);
  });
});
