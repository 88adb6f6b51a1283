import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { system } from '../../src/platform/actor.ts';
import { adminToken, giveGroup, giveService, giveUser, serviceToken, startApp, type TestApp } from '../support/app.ts';
import { enterConsole } from '../support/console.ts';
import { keepRunning } from '../support/signal-receiver.ts';

interface Message {
  type: string;
  timestamp: string;
  data: { target?: { id: string; name: string }; subjects?: { name: string }[]; details?: object };
}

/** A receiver that takes what the library of Standard Webhooks takes. */
async function startReceiver() {
  const messages: (Message & { id: string })[] = [];
  const answers: ((res: ServerResponse) => void)[] = [];
  let secrets: string[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const answer = answers.shift();
      if (answer) return answer(res);
      try {
        const headers = req.headers as Record<string, string>;
        for (const secret of secrets)
          messages.push({ ...(new Webhook(secret).verify(body, headers) as Message), id: headers['webhook-id']! });
        res.writeHead(204).end();
      } catch {
        res.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    messages,
    answers,
    /** Every message has to be signed with each of these. */
    verifyWith(...all: string[]) {
      secrets = all;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function until<T>(read: () => T | Promise<T>, isIt: (value: T) => boolean): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const value = await read();
    if (isIt(value) || performance.now() > end) return value;
    await pause(20);
  }
}

describe('webhooks', () => {
  let test: TestApp;
  let token: string;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let stops: (() => Promise<void>)[];
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    receiver = await startReceiver();
    stops = [keepRunning(test, 'follow-webhook-events'), keepRunning(test, 'deliver-webhooks')];
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    receiver.stop();
    await test.tearDown();
  });
  afterEach(() => {
    receiver.messages.length = receiver.answers.length = 0;
  });

  const call = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) =>
    test.http[method](`/v1/webhooks${path}`).set('authorization', `Bearer ${token}`).send(body);

  async function create(body: object = {}): Promise<{ webhook_id: string; secret: string }> {
    const { result } = (await call('post', '', { url: receiver.url, ...body }).expect(201)).body;
    receiver.verifyWith(result.secret);
    return result;
  }
  const remove = (id: string) => call('delete', `/${id}`).expect(204);
  interface Found {
    delivery_id: string;
    status: string;
    type: string;
    attempts: number;
    response_status: number | null;
  }
  const deliveriesOf = async (id: string): Promise<Found[]> =>
    (await call('get', `/${id}/deliveries`).expect(200)).body.result;
  const typesOf = () => receiver.messages.map(({ type }) => type);

  it('are told what happened, signed as Standard Webhooks libraries expect', async () => {
    const { webhook_id: id, secret } = await create({ events: ['group.*', 'user.disabled'] });
    expect(secret).toMatch(/^whsec_/);
    const ada = await giveUser(test, 'ada@example.com');
    const pilots = await giveGroup(test, 'Pilots', [ada.id]);
    await test.app.groups.update(system, pilots.id, { description: 'Fly' });
    await test.app.users.disable(system, ada.id);
    await until(typesOf, (types) => types.length === 4);
    expect(typesOf()).toEqual(['group.created', 'group.members_added', 'group.updated', 'user.disabled']);
    const [, added, updated] = receiver.messages;
    expect(added!.data).toMatchObject({
      target: { id: pilots.id, name: 'Pilots' },
      subjects: [{ name: 'ada@example.com' }],
    });
    expect(updated!.data.details).toEqual({ fields: ['description'] });
    expect(new Set(receiver.messages.map(({ id: message }) => message)).size).toBe(4);
    // What the receiver has got is noted a moment later.
    const statuses = async () => (await deliveriesOf(id)).map(({ status }) => status);
    await until(statuses, (found) => found.length === 4 && found.every((status) => status === 'delivered'));
    await remove(id);
  });

  it('are asked again after a failure, and on demand with the same id', async () => {
    const { webhook_id: id } = await create({ events: ['role.*'] });
    receiver.answers.push((res) => res.writeHead(503).end());
    await call('post', `/${id}/test`).expect(202);
    const [failed] = await until(
      () => deliveriesOf(id),
      ([first]) => typeof first?.response_status === 'number',
    );
    expect(failed).toMatchObject({ type: 'webhook.test', status: 'pending', response_status: 503 });
    await call('post', `/${id}/deliveries/${failed!.delivery_id}/replay`).expect(202);
    const [done] = await until(
      () => deliveriesOf(id),
      ([first]) => first?.status === 'delivered',
    );
    expect(done).toMatchObject({ status: 'delivered', response_status: 204 });
    await call('post', `/${id}/deliveries/${failed!.delivery_id}/replay`).expect(202);
    await until(typesOf, (types) => types.length === 2);
    expect(receiver.messages.map((message) => message.id)).toEqual([failed!.delivery_id, failed!.delivery_id]);
    await call('post', `/${id}/deliveries/msg_none/replay`).expect(404);
    await remove(id);
  });

  it('are given up after three days, and then sent again together', async () => {
    const { webhook_id: id } = await create();
    const stored = test.app.database.connection.collection('webhook_deliveries');
    const about = { webhookId: id, type: 'webhook.test' };
    receiver.answers.push((res) => res.writeHead(500).end());
    receiver.answers.push((res) => res.destroy());
    await call('post', `/${id}/test`).expect(202);
    await until(
      () => stored.findOne(about),
      (found) => found?.['attempt'] === 1,
    );
    await stored.updateOne(about, { $set: { attempt: 9, dueAt: new Date() } });
    await until(
      () => stored.findOne(about),
      (found) => found?.['status'] === 'failed',
    );
    const warnings = async () =>
      (await test.http.get('/v1/statistics').set('authorization', `Bearer ${token}`).expect(200)).body.result.warnings;
    expect(await warnings()).toContainEqual({ code: 'webhook_deliveries_failed', count: 1 });
    const { body } = await call('post', `/${id}/replay`).expect(202);
    expect(body.result).toEqual({ deliveries: 1 });
    await until(typesOf, (types) => types.includes('webhook.test'));
    await remove(id);
  });

  it('show what was delivered page by page, the newest first, forward and back', async () => {
    const { webhook_id: id } = await create({ events: ['role.*'] });
    for (let sent = 1; sent <= 5; sent += 1) {
      await call('post', `/${id}/test`).expect(202);
      await until(typesOf, (types) => types.length === sent);
    }
    const all = await until(
      () => deliveriesOf(id),
      (found) => found.every(({ status }) => status === 'delivered'),
    );
    const idsOf = (found: Found[]) => found.map((each) => each.delivery_id);
    expect(idsOf(all)).toEqual(receiver.messages.map((message) => message.id).reverse());
    for (const status of ['', '&status=delivered']) {
      const page = async (cursor: string | null = null) =>
        (await call('get', `/${id}/deliveries?limit=2${status}${cursor ? `&cursor=${cursor}` : ''}`).expect(200)).body;
      const first = await page();
      const second = await page(first.next);
      const third = await page(second.next);
      expect([first, second, third].map(({ result }) => idsOf(result)).flat()).toEqual(idsOf(all));
      expect(third.next).toBeNull();
      expect((await page(third.previous)).result).toEqual(second.result);
    }
    expect((await call('get', `/${id}/deliveries?status=failed`).expect(200)).body.result).toEqual([]);
    await remove(id);
  });

  it('get a new secret, and messages with both signatures for a while', async () => {
    const { webhook_id: id, secret } = await create({ events: ['role.*'] });
    const { body } = await call('post', `/${id}/secret?previous_valid_seconds=3600`).expect(200);
    receiver.verifyWith(secret, body.result.secret);
    await call('post', `/${id}/test`).expect(202);
    await until(typesOf, (types) => types.length === 2);
    expect(typesOf()).toEqual(['webhook.test', 'webhook.test']);
    const last = await call('post', `/${id}/secret?previous_valid_seconds=0`).expect(200);
    receiver.verifyWith(last.body.result.secret);
    await call('post', `/${id}/test`).expect(202);
    await until(typesOf, (types) => types.length === 3);
    expect((await call('get', `/${id}`).expect(200)).body.result).not.toHaveProperty('secret');
    await remove(id);
  });

  it('miss nothing while no node follows, and nothing before they were created', async () => {
    await giveGroup(test, 'Before');
    const { webhook_id: id } = await create({ events: ['group.created'] });
    await giveGroup(test, 'First');
    await until(typesOf, (types) => types.length === 1);
    await stops.shift()!();
    for (const name of ['Second', 'Third']) await giveGroup(test, name);
    const positions = test.app.database.connection.collection('feed_positions');
    await positions.updateOne({ _id: 'webhooks' } as object, { $set: { token: '8200000000000000012B0229296E04' } });
    stops.unshift(keepRunning(test, 'follow-webhook-events'));
    await until(typesOf, (types) => types.length === 3);
    expect(receiver.messages.map(({ data }) => data.target!.name)).toEqual(['First', 'Second', 'Third']);
    await remove(id);
  });

  it('are refused for what is no event, and for who may not read the audit log', async () => {
    const { body } = await call('post', '', { url: receiver.url, events: ['user.flown'] }).expect(400);
    expect(body.errors).toEqual([{ pointer: '#/events/0', detail: 'is not a type of event' }]);
    await call('post', '', { url: 'file:///etc/passwd' }).expect(400);
    const writer = await serviceToken(test, await giveService(test, ['webhooks:write']), 'webhooks:write');
    const refused = await test.http
      .post('/v1/webhooks')
      .set('authorization', `Bearer ${writer}`)
      .send({ url: receiver.url })
      .expect(403);
    expect(refused.body.detail).toContain('audit:read');
  });

  it('are managed in the console', async () => {
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const { browser, page } = await enterConsole(test, 'owner@example.com', '/console/webhooks/new');
    const made = await browser.press(page, 'create', { url: receiver.url, events: 'group.*' });
    const [secret] = /whsec_[\w+/=]+/.exec(made.html)!;
    receiver.verifyWith(secret);
    const [path] = /\/console\/webhooks\/[0-9a-f]{16}/.exec(made.html)!;
    const shown = await browser.open(`${test.issuer}${path}`);
    const tested = await browser.press(shown, 'test');
    expect(tested.html).toContain('Test event sent.');
    await until(typesOf, (types) => types.includes('webhook.test'));
    const reload = async () => (await browser.open(`${test.issuer}${path}`)).html;
    await until(reload, (html) => html.includes('Delivered'));
    const saved = await browser.press(shown, 'save', { events: 'user.*\nrole.*', description: 'Mirror' });
    expect(saved.html).toContain('Webhook saved.');
    expect((await browser.open(`${test.issuer}/console/webhooks`)).html).toContain('user.*, role.*');
    const confirm = await browser.open(`${test.issuer}${path}/delete`);
    expect((await browser.press(confirm, 'confirm', { confirmed: 'yes' })).html).toContain('Webhook deleted.');
  });
});
