import { system } from '../../src/platform/actor.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import { eventsOf, giveReceiver, keepRunning, untilKnown, type Receiver } from '../support/signal-receiver.ts';

describe('signals about former names of groups', () => {
  let test: TestApp;
  let receiver: Receiver;
  let token: string;
  let stopFollowing: () => Promise<void>;
  let offset = 0;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
    receiver = await giveReceiver(test);
    stopFollowing = keepRunning(test, 'follow-claim-changes');
  });
  afterAll(async () => {
    await stopFollowing();
    await test.tearDown();
  });

  const send = (method: 'get' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const policy = () => `/v1/applications/${receiver.id}/claim-policy`;

  it('tell what an application receives after a renaming, a removal and the end of its policy', async () => {
    const stream = await receiver.createStream({});
    const user = await giveUser(test, 'ada@example.com');
    const { id } = await giveGroup(test, 'Pilots', [user.id]);
    const until = Math.floor(Date.now() / 1000) + 1000;
    await send('put', policy(), { renamed_groups: 'both', renamed_groups_until: until }).expect(200);
    await (await relyingParty(test, receiver)).signIn({ login: user.username, scope: 'openid groups' });
    await untilKnown(test, user.id);
    const heard = async () =>
      eventsOf(await receiver.pollFor(stream.stream_id, 1), 'token-claims-change').map(
        ({ details }) => details['claims'],
      );

    await test.app.groups.update(system, id, { name: 'Aviators' });
    expect(await heard()).toEqual([{ groups: ['Aviators', 'Pilots'] }]);
    await test.app.groups.update(system, id, { name: 'Flyers' });
    expect(await heard()).toEqual([{ groups: ['Aviators', 'Flyers', 'Pilots'] }]);
    await send('delete', `/v1/groups/${id}/former-names/Pilots`).expect(204);
    expect(await heard()).toEqual([{ groups: ['Aviators', 'Flyers'] }]);

    const end = test.app.modules.flatMap(({ tasks = [] }) => tasks).find(({ name }) => name === 'end-former-names')!;
    await end.run(new AbortController().signal);
    expect((await send('get', policy())).body.result).toMatchObject({ renamed_groups: 'both' });
    offset = 1_100_000;
    await end.run(new AbortController().signal);
    expect((await send('get', policy())).body.result).toMatchObject({
      renamed_groups: 'current',
      renamed_groups_until: null,
    });
    expect(await heard()).toEqual([{ groups: ['Flyers'] }]);
    const { body } = await send('get', '/v1/audit-events?action=application.claim_policy_changed&limit=1');
    expect(body.result[0]).toMatchObject({ actor: { kind: 'system' }, target: { id: receiver.id } });
  });
});
