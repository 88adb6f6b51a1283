import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createLog } from '../src/platform/http/log.ts';
import { createMetrics } from '../src/platform/http/metrics.ts';
import { giveApplication, giveUser, startApp, type TestApp } from './support/app.ts';
import { relyingParty } from './support/relying-party.ts';

describe('operations', () => {
  let test: TestApp;
  beforeAll(async () => void (test = await startApp()));
  afterAll(() => test.tearDown());

  it('answers /healthz and /readyz', async () => {
    expect((await test.http.get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await test.http.get('/readyz')).body).toEqual({ status: 'ready', database: 'ok' });
  });

  it('has declared every collection, so that starting waits for their indexes', async () => {
    const { connection } = test.app.database;
    const declared = Object.values(connection.models).map(({ collection }) => collection.name);
    const present = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
    expect(present.map(({ name }) => name).sort()).toEqual([...new Set(declared)].sort());
    for (const name of ['rate_limits', 'request_rates']) {
      const indexes = await connection.collection(name).indexes();
      expect(indexes.map(({ key }) => key)).toEqual([{ _id: 1 }, { expire: -1 }, { key: 1 }]);
    }
  });

  it('shows metrics on loopback, in the Prometheus format', async () => {
    const party = await relyingParty(test, await giveApplication(test));
    await giveUser(test, 'ada@example.com');
    await party.signIn({ login: 'ada@example.com' });
    const { text, headers } = await test.http.get('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(/cohort_sign_ins_total\{outcome="success"\} 1/);
    expect(text).toMatch(/cohort_tokens_total\{grant="authorization_code"\} 1/);
    expect(text).toContain('cohort_http_request_duration_seconds_bucket');
  });

  it('watches its process once, however often other settings make the app again', () => {
    const watchers = [createMetrics(), createMetrics()].map(({ registry }) =>
      ['nodejs_gc_duration_seconds', 'nodejs_eventloop_lag_seconds'].map((name) => registry.getSingleMetric(name)),
    );
    expect(watchers[0]).toEqual([expect.anything(), expect.anything()]);
    for (const [index, watcher] of watchers[0]!.entries()) expect(watchers[1]![index]).toBe(watcher);
  });

  it('wants the token for metrics when one is set', async () => {
    const guarded = await startApp({ settings: { COHORT_METRICS_TOKEN: 'a-long-metrics-token' } });
    expect((await guarded.http.get('/metrics')).status).toBe(401);
    expect((await guarded.http.get('/metrics').set('authorization', 'Bearer a-long-metrics-token')).status).toBe(200);
    await guarded.tearDown();
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/', '/healthz', '/v1/groups', '/jwks', '/nowhere', '/.well-known/openid-configuration']) {
      const { headers } = await test.http.get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('sends those that mean something for pages only with pages', async () => {
    const names = ['origin-agent-cluster', 'x-dns-prefetch-control', 'x-download-options', 'x-xss-protection'];
    for (const [path, isPage] of [
      ['/', true],
      ['/nowhere', true],
      ['/v1/groups', false],
      ['/jwks', false],
    ] as const) {
      const { headers } = await test.http.get(path).set('accept', 'text/html').redirects(1);
      expect({ path, found: names.filter((name) => name in headers) }).toEqual({ path, found: isPage ? names : [] });
    }
  });

  it('believes X-Forwarded-For from as many proxies as it was told of, and none otherwise', async () => {
    const addressOf = async (node: TestApp) => {
      const party = await relyingParty(node, await giveApplication(node));
      await giveUser(node, 'proxy@example.com');
      const start = await party.start();
      const auth = await node.http.get('/auth').query(start.address.searchParams.toString());
      const cookies = (auth.headers['set-cookie'] as unknown as string[])
        .map((cookie) => cookie.split(';')[0])
        .join('; ');
      const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', cookie: cookies };
      await node.http
        .post(`${auth.headers['location']}/login`)
        .set(forwarded)
        .type('form')
        .send({ login: 'proxy@example.com', password: 'Cohort#2026' });
      const event = await node.app.database.connection
        .collection('audit_events')
        .findOne({ action: 'user.signed_in', 'target.name': 'proxy@example.com' });
      return event!['address'] as string;
    };
    expect(await addressOf(test)).toBe('127.0.0.1');
    const behindOne = await startApp({ settings: { COHORT_TRUSTED_PROXIES: '1' } });
    expect(await addressOf(behindOne)).toBe('198.51.100.7');
    await behindOne.tearDown();
  });

  it('marks cookies Secure and __Host- under https, and asks for https from then on', async () => {
    const secure = await startApp({
      settings: { COHORT_ISSUER: 'https://id.example.com', COHORT_TRUSTED_PROXIES: '1' },
    });
    const application = await giveApplication(secure);
    const reply = await secure.http.get('/auth').query({
      client_id: application.id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'https://app.example.com/callback',
    });
    for (const cookie of reply.headers['set-cookie'] as unknown as string[])
      expect(cookie).toMatch(/^__(Host|Secure)-.*; secure/i);
    expect(reply.headers['strict-transport-security']).toContain('max-age=31536000');
    const { body } = await secure.http
      .get('/.well-known/openid-configuration')
      .set('host', 'evil.example.com')
      .set('x-forwarded-host', 'evil.example.com');
    expect(JSON.stringify(body)).not.toContain('evil');
    expect(body.token_endpoint).toBe('https://id.example.com/token');
    await secure.tearDown();
  });

  it('refuses oversized headers', async () => {
    expect((await test.http.get('/jwks').set('x-padding', 'x'.repeat(70_000))).status).toBe(431);
  });

  it('lets a request in flight finish when it stops, and takes no new one', async () => {
    const stopping = await startApp({ settings: { COHORT_SHUTDOWN_GRACE_SECONDS: '10' } });
    const { port, hostname } = new URL(stopping.issuer);
    const body = JSON.stringify({ grant_type: 'client_credentials' });
    const socket = connect(Number(port), hostname);
    const received: string[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      `POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    while (!(await inFlight(stopping))) await setImmediate();
    const stopped = stopping.app.stop();
    socket.write(body);
    await Promise.all([stopped, closed]);
    expect(received.join('')).toMatch(/^HTTP\/1\.1 400 /);
    await expect(fetch(`${stopping.issuer}/healthz`)).rejects.toThrow();
  });

  const inFlight = ({ app }: TestApp) =>
    new Promise<boolean>((resolve) => app.http.server.getConnections((_error, count) => resolve(count > 0)));

  describe('logs', () => {
    it('hold no secret', () => {
      const lines: string[] = [];
      const destination = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
      createLog('info', { destination }).info(
        {
          password: 'p1',
          body: { client_secret: 's1', refresh_token: 'r1' },
          headers: { authorization: 'a1', cookie: 'c1' },
        },
        'line',
      );
      expect(lines.join('')).toContain('[redacted]');
      for (const secret of ['p1', 's1', 'r1', 'a1', 'c1']) expect(lines.join('')).not.toContain(`"${secret}"`);
    });
  });
});
