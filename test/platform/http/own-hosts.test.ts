import { networkInterfaces } from 'node:os';
import { request } from 'node:http';
import { startHouse, type TestHouse } from '../../support/app.ts';

/** A request with this Host header, whatever address it is sent to. */
function ask(port: string | number, host: string, path: string, { address = '127.0.0.1', accept = '*/*' } = {}) {
  return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
    const headers = { host, accept, 'x-forwarded-host': 'localhost' };
    request({ host: address, port, path, headers }, (res) => {
      let body = '';
      res.on('data', (chunk: Buffer) => (body += chunk.toString()));
      res.on('end', () => resolve({ status: res.statusCode!, type: String(res.headers['content-type']), body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('an issuer on loopback', () => {
  let test: TestHouse;
  let port: string;
  let link: string;
  beforeAll(async () => {
    test = await startHouse();
    ({ port } = new URL(test.issuer));
    link = new URL(await test.house.firstRun.makeLink()).pathname;
  });
  afterAll(() => test.tearDown());

  const everything = () => [
    '/dev/mail',
    link,
    '/console',
    '/account',
    '/v1/groups',
    '/v1/docs',
    '/auth',
    '/jwks',
    '/me',
    '/.well-known/openid-configuration',
    '/healthz',
    '/metrics',
    '/nowhere',
    test.house.assets.addressOf('cohort.css'),
  ];

  it.each([
    'evil.example.com',
    'evil.example.com:3000',
    'localhost.evil.example.com',
    'evil.localhost.example.com',
    'evillocalhost',
    '127.0.0.1.evil.example.com',
    'xn--lcalhost-d1a',
    '10.0.0.1',
    '[2001:db8::1]',
    'localhost@evil.example.com',
    'evil.example.com@localhost',
    'evil.example.com#localhost',
    'localhost/evil',
    'localhost:port',
  ])('answers nothing to the name %s', async (host) => {
    for (const path of everything()) {
      const { status, body } = await ask(port, host, path);
      expect([path, status]).toEqual([path, 421]);
      expect(JSON.parse(body)).toMatchObject({ status: 421, code: 'foreign_host' });
    }
  });

  it('says so on a page to a browser', async () => {
    const { status, type, body } = await ask(port, 'evil.example.com', link, { accept: 'text/html' });
    expect([status, type]).toEqual([421, 'text/html; charset=utf-8']);
    expect(body).toContain('This host name is not accepted');
  });

  it.each([
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.1',
    '[::1]',
    'cohort.localhost:3000',
  ])('answers to its own name %s', async (host) => {
    for (const path of everything()) expect((await ask(port, host, path)).status).not.toBe(421);
  });

  it('answers to the address at which it is reached and to the host that it listens on', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    const open = await startHouse({ settings: { COHORT_HOST: 'cohort.internal' } });
    try {
      expect((await ask(new URL(open.issuer).port, 'cohort.internal', '/healthz')).status).toBe(200);
      expect((await ask(new URL(open.issuer).port, 'cohort.external', '/healthz')).status).toBe(421);
      open.house.http.server.close();
      if (outside) {
        const reached = await open.house.http.listen(0, '0.0.0.0');
        expect((await ask(reached, outside, '/healthz', { address: outside })).status).toBe(200);
        expect((await ask(reached, 'evil.example.com', '/healthz', { address: outside })).status).toBe(421);
      }
    } finally {
      await open.tearDown();
    }
  });
});

describe('an issuer with a public name', () => {
  it('leaves the Host header to its proxies, and builds no address from it', async () => {
    const test = await startHouse({ settings: { COHORT_ISSUER: 'https://id.example.com' } });
    try {
      const { port } = test.house.http.server.address() as { port: number };
      const { status, body } = await ask(port, 'pod-7:3000', '/.well-known/openid-configuration');
      expect([status, (JSON.parse(body) as { issuer: string }).issuer]).toEqual([200, 'https://id.example.com']);
    } finally {
      await test.tearDown();
    }
  });
});
