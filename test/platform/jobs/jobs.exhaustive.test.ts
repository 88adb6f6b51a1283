import { system } from '../../../src/platform/actor.ts';
import { createLeases } from '../../../src/platform/leases/leases.mongo.ts';
import { everybody } from '../../../src/directory/users/user-search.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveService,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe('jobs', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const api = (method: 'get' | 'post', path: string, body?: object) => {
    const request = test.http[method](path).set('authorization', `Bearer ${token}`);
    return body ? request.send(body) : request;
  };

  async function order(body: object) {
    const reply = await api('post', '/v1/jobs', body);
    if (reply.status !== 202) throw new Error(JSON.stringify(reply.body));
    expect(reply.headers['location']).toBe(`/v1/jobs/${reply.body.result.job_id}`);
    return reply.headers['location']!;
  }

  async function run(body: object) {
    const address = await order(body);
    await test.app.drainJobs();
    return (await api('get', address)).body.result;
  }

  async function giveUsers(prefix: string, count: number, customData: Record<string, unknown> = {}) {
    const people = [];
    for (let from = 0; from < count; from += 500) {
      const creations = Array.from({ length: Math.min(500, count - from) }, (_, index) => ({
        user: {
          username: `${prefix}${from + index}@example.com`,
          first_name: index % 2 ? 'Ada' : '',
          last_name: 'Lovelace',
          kind: 'customer' as const,
          custom_data: customData,
        },
      }));
      people.push(...(await test.app.users.createMany(system, creations)));
    }
    return people.flatMap((made) => (made.outcome === 'created' ? [made.user] : []));
  }

  const membersOf = async (groupId: string) =>
    (await test.app.memberships.membersOf(groupId, everybody, { list: '', limit: 10_000 })).items.length;

  it('add everybody whom a search finds to a group, and say how far they are', async () => {
    await giveUsers('searched', 2300, { team: 'red' });
    const group = await giveGroup(test, 'Red team');
    const address = await order({
      kind: 'add_to_group',
      group_id: group.id,
      select: { search: { 'custom_data.team': 'red' } },
    });
    expect((await api('get', address)).body.result).toMatchObject({ status: 'queued', total: null, done: 0 });
    await test.app.drainJobs();
    expect((await api('get', address)).body.result).toEqual({
      job_id: expect.any(String),
      kind: 'add_to_group',
      status: 'succeeded',
      cancel_requested: false,
      dry_run: false,
      actor: { kind: 'service', id: expect.any(String), name: 'Crew planner' },
      total: 2300,
      done: 2300,
      outcomes: { added: 2300 },
      failures: 0,
      error: null,
      created_at: expect.any(Number),
      started_at: expect.any(Number),
      finished_at: expect.any(Number),
    });
    expect(await membersOf(group.id)).toBe(2300);
    const again = await run({ kind: 'add_to_group', group_id: group.id, select: { group_id: group.id } });
    expect(again).toMatchObject({ outcomes: { already_member: 2300 }, total: 2300 });
    const removed = await run({ kind: 'remove_from_group', group_id: group.id, select: { group_id: group.id } });
    expect(removed).toMatchObject({ outcomes: { removed: 2300 } });
    expect(await membersOf(group.id)).toBe(0);
  });

  it('name each item that could not be done, with the reason', async () => {
    const olga = await giveUser(test, 'job.olga@example.com', { kind: 'administrator' });
    const ada = await giveUser(test, 'job.ada@example.com');
    const group = await giveGroup(test, 'Partly');
    const user_ids = [olga.id, ada.id, 'ffffffffffffffff'];
    const job = await run({ kind: 'add_to_group', group_id: group.id, select: { user_ids } });
    expect(job).toMatchObject({
      status: 'completed_with_failures',
      total: 3,
      failures: 2,
      outcomes: { added: 1, not_a_customer: 1, no_such_user: 1 },
    });
    expect((await api('get', `/v1/jobs/${job.job_id}/failures`)).body).toEqual({
      result: [
        { item: 'job.olga@example.com', code: 'not_a_customer', detail: expect.any(String) },
        { item: 'ffffffffffffffff', code: 'no_such_user', detail: expect.any(String) },
      ],
      next: null,
      previous: null,
    });
  });

  it('disable, enable and sign out, at once and for good', async () => {
    const rosa = await giveUser(test, 'job.rosa@example.com');
    const party = await relyingParty(test, await giveApplication(test));
    const signedIn = () =>
      test.app.database.connection.collection('oidc_sessions').countDocuments({ accountId: rosa.id });
    await party.signIn({ login: 'job.rosa@example.com' });
    expect(await signedIn()).toBe(1);
    const select = { user_ids: [rosa.id] };
    expect(await run({ kind: 'end_sessions', select })).toMatchObject({ outcomes: { signed_out: 1 } });
    expect(await signedIn()).toBe(0);
    await party.signIn({ login: 'job.rosa@example.com' });
    expect(await run({ kind: 'disable', select })).toMatchObject({ outcomes: { disabled: 1 } });
    expect(await signedIn()).toBe(0);
    expect((await test.app.users.get(rosa.id)).status).toBe('disabled');
    expect(await run({ kind: 'disable', select })).toMatchObject({ outcomes: { unchanged: 1 } });
    expect(await run({ kind: 'enable', select })).toMatchObject({ outcomes: { enabled: 1 } });
    expect((await test.app.users.get(rosa.id)).status).toBe('active');
    const events = (await api('get', `/v1/audit-events?target_id=${rosa.id}&limit=200`)).body.result;
    const actions = events.map(({ action }: { action: string }) => action);
    for (const action of ['users.disabled', 'users.enabled', 'users.sessions_ended']) expect(actions).toContain(action);
  });

  it('leave the last administrator in', async () => {
    const own = await startApp();
    const one = await giveUser(own, 'one@example.com', { kind: 'administrator' });
    const two = await giveUser(own, 'two@example.com', { kind: 'administrator' });
    const { id } = await own.app.jobs.order(system, 'disable', { select: { user_ids: [one.id, two.id] } });
    await own.app.drainJobs();
    expect(await own.app.jobs.get(id)).toMatchObject({
      outcomes: { disabled: 1, last_administrator: 1 },
      failures: 1,
    });
    await own.tearDown();
  });

  it('send a message with each one’s own names in it', async () => {
    const ada = await giveUser(test, 'fan.ada@example.com', { firstName: 'Ada {{username}} <b>' });
    const nobody = await giveUser(test, 'fan.nameless@example.com');
    const gone = await giveUser(test, 'fan.gone@example.com');
    await test.app.users.disable(system, gone.id);
    const group = await giveGroup(test, 'FC Manchester City fans', [ada.id, nobody.id, gone.id]);
    const job = await run({
      kind: 'send_message',
      subject: 'Champions, {{ first_name | dear fan }}!',
      text: 'Dear {{first_name|fan}},\n\ncongratulations on another championship. We write to {{username}}.',
      select: { group_id: group.id },
    });
    expect(job).toMatchObject({ outcomes: { posted: 2, skipped_disabled: 1 }, failures: 0, total: 3 });
    await test.app.mail.deliverDue();
    const emails = await test.app.database.connection.collection('mailbox').find().sort({ to: 1 }).toArray();
    const ours = emails.filter(({ subject }) => String(subject).startsWith('Champions'));
    expect(ours.map(({ to, subject }) => [to, subject])).toEqual([
      ['fan.ada@example.com', 'Champions, Ada {{username}} <b>!'],
      ['fan.nameless@example.com', 'Champions, dear fan!'],
    ]);
    expect(JSON.stringify(ours)).toContain('Dear Ada {{username}} &lt;b&gt;');
    const refused = await api('post', '/v1/jobs', {
      kind: 'send_message',
      subject: 'Hello {{password}}',
      text: 'x',
      select: { group_id: group.id },
    });
    expect(refused.body).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '#/subject' }] });
  });

  it('stop behind the step that is under way when they are cancelled', async () => {
    await giveUsers('cancelled', 3000, { team: 'blue' });
    const group = await giveGroup(test, 'Blue team');
    const address = await order({
      kind: 'add_to_group',
      group_id: group.id,
      select: { search: { 'custom_data.team': 'blue' } },
    });
    const running = test.app.drainJobs();
    while ((await api('get', address)).body.result.done === 0);
    expect((await api('post', `${address}/cancel`)).body.result).toMatchObject({ cancel_requested: true });
    await running;
    const job = (await api('get', address)).body.result;
    expect(job.status).toBe('cancelled');
    expect(job.done).toBeLessThan(3000);
    expect(await membersOf(group.id)).toBe(job.done);
    expect((await api('post', `${address}/cancel`)).body).toMatchObject({ status: 409, code: 'job_finished' });
    const unbegun = await order({ kind: 'enable', select: { group_id: group.id } });
    expect((await api('post', `${unbegun}/cancel`)).body.result).toMatchObject({ status: 'cancelled', done: 0 });
  });

  it('need the scopes of what they do', async () => {
    const service = await giveService(test);
    const weak = await serviceToken(test, service, 'jobs:write users:read');
    const reply = await test.http
      .post('/v1/jobs')
      .set('authorization', `Bearer ${weak}`)
      .send({ kind: 'disable', select: { user_ids: ['ffffffffffffffff'] } });
    expect(reply.body).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect(reply.headers['www-authenticate']).toContain('scope="users:write"');
  });

  it.each([
    [{ kind: 'disable' }, '#/select'],
    [{ kind: 'disable', select: {} }, '#/select'],
    [{ kind: 'disable', select: { group_id: '4be2eff2574323ce', user_ids: ['4be2eff2574323ce'] } }, '#/select'],
    [{ kind: 'disable', select: { search: { colour: 'red' } } }, '#/select/search/colour'],
    [{ kind: 'disable', select: { search: { status: 'asleep' } } }, '#/select/search/status'],
    [{ kind: 'fly', select: { search: {} } }, '#/kind'],
  ])('refuse the order %j and point at the fault', async (body, pointer) => {
    const reply = await api('post', '/v1/jobs', body);
    expect(reply.body).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ pointer }] });
  });

  it('do nothing twice when two nodes believe they hold the same job', async () => {
    const twin = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    await giveUsers('twice', 2000, { team: 'green' });
    const group = await giveGroup(test, 'Green team');
    const { id } = await test.app.jobs.order(system, 'add_to_group', {
      group_id: group.id,
      select: { search: { 'custom_data.team': 'green' } },
    });
    const leases = test.app.database.connection.collection('leases');
    // Both are robbed of their lease all the time, so both take every job to be theirs.
    const robber = setInterval(() => void leases.deleteMany({}), 5);
    const isOver = async () => (await test.app.jobs.get(id)).status === 'succeeded';
    const work = async (app: TestApp['app']) => {
      while (!(await isOver())) await app.drainJobs();
    };
    await Promise.all([work(test.app), work(twin.app)]);
    clearInterval(robber);
    expect(await test.app.jobs.get(id)).toMatchObject({ status: 'succeeded', done: 2000, outcomes: { added: 2000 } });
    const events = await api('get', `/v1/audit-events?target_id=${group.id}&action=group.members_added&limit=200`);
    const subjects = events.body.result.flatMap((event: { subjects: { id: string }[] }) => event.subjects);
    expect(subjects).toHaveLength(2000);
    expect(new Set(subjects.map(({ id: one }: { id: string }) => one)).size).toBe(2000);
    await twin.app.stop();
  });

  it('stay with the node that holds them when the clock of another is an hour ahead', async () => {
    const ahead = () => new Date(Date.now() + 3600_000);
    const twin = await startApp({ uri: test.uri, now: ahead, settings: { COHORT_ISSUER: test.issuer } });
    const [user] = await giveUsers('held', 1);
    const group = await giveGroup(test, 'Held group');
    const select = { user_ids: [user!.id] };
    const { id } = await test.app.jobs.order(system, 'add_to_group', { group_id: group.id, select });
    const leases = createLeases(test.app.database.connection);
    await leases.take(`job:${id}`, 'a node that is working', 60_000);
    await twin.app.drainJobs();
    expect(await test.app.jobs.get(id)).toMatchObject({ status: 'queued', done: 0 });
    await leases.giveBack(`job:${id}`, 'a node that is working');
    await twin.app.drainJobs();
    expect(await test.app.jobs.get(id)).toMatchObject({ status: 'succeeded', done: 1 });
    await twin.app.stop();
  });
});
