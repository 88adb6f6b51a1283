import { PassThrough } from 'node:stream';
import { createLog } from '../../../src/platform/http/log.ts';
import { startApp, type TestApp } from '../../support/app.ts';

const DOCUMENTS = [
  ['/jwks', '/JWKS'],
  ['/.well-known/openid-configuration', '/.well-known/OpenID-configuration'],
  ['/.well-known/oauth-authorization-server', '/.well-known/OAuth-authorization-server'],
] as const;

describe('the documents that are the same for everyone', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp({ withNewKeys: true });
  });
  afterAll(() => test.tearDown());

  /** A path in other letters is answered by the provider itself. */
  async function expectAsTheProviderAnswers(): Promise<void> {
    for (const [path, atProvider] of DOCUMENTS) {
      for (const origin of [undefined, 'https://app.example.com', 'null']) {
        const [prepared, own] = await Promise.all(
          [path, atProvider].map((asked) => test.http.get(asked).set(origin ? { origin } : {})),
        );
        expect(prepared!.status).toBe(200);
        expect(prepared!.text).toBe(own!.text);
        expect(stable(prepared!.headers)).toEqual(stable(own!.headers));
      }
    }
  }

  it('are sent in the bytes and with the headers of the provider, also after a rotation', async () => {
    await expectAsTheProviderAnswers();
    const count = async () => ((await test.http.get('/jwks')).body.keys as unknown[]).length;
    expect(await count()).toBe(3);
    await test.app.keys.rotate();
    while ((await count()) !== 6);
    await expectAsTheProviderAnswers();
  });

  it('have headers alone for HEAD, and go on for other methods', async () => {
    for (const [path, atProvider] of DOCUMENTS) {
      const [head, own] = await Promise.all([test.http.head(path), test.http.head(atProvider)]);
      expect(head.text).toBeUndefined();
      expect(stable(head.headers)).toEqual(stable(own.headers));
      await test.http.post(path).expect(404);
      await test.http
        .options(path)
        .set({ origin: 'https://app.example.com', 'access-control-request-method': 'GET' })
        .expect(204)
        .expect('access-control-allow-origin', 'https://app.example.com')
        .expect('access-control-allow-methods', 'GET');
    }
  });

  it('are logged and counted like all else, and refused to foreign hosts', async () => {
    const lines: Record<string, unknown>[] = [];
    const destination = new PassThrough().on('data', (line) =>
      lines.push(JSON.parse(String(line)) as (typeof lines)[0]),
    );
    const logged = await startApp({ log: createLog('info', { destination }) });
    // With the slash it goes the way of all requests.
    for (const path of ['/jwks', '/jwks/']) await logged.http.get(path).expect(200);
    const [prepared, other] = lines.filter(({ msg }) => msg === 'request');
    expect(prepared).toMatchObject({ method: 'GET', path: '/jwks', status: 200 });
    expect(other).toMatchObject({ method: 'GET', path: '/jwks/', status: 200 });
    expect(Object.keys(prepared!)).toEqual(Object.keys(other!));
    expect(prepared!['address']).toBe(other!['address']);
    const metrics = await fetch(`http://127.0.0.1:${logged.port}/metrics`);
    expect(await metrics.text()).toMatch(/cohort_http_request_duration_seconds_count\{[^}]*area="jwks"[^}]*\} 2/);
    await logged.http.get('/jwks').set('host', 'evil.example.com').expect(421);
    await logged.tearDown();
  });

  it('name the addresses of the issuer, whatever host is asked for', async () => {
    const issuer = 'https://id.example.com/auth';
    const secure = await startApp({ settings: { COHORT_ISSUER: issuer } });
    for (const path of DOCUMENTS.slice(1).flat()) {
      const { body } = await secure.http.get(path).set('host', 'other.example.com').expect(200);
      expect(body).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` });
    }
    await secure.tearDown();
  });

  it('include the configuration of the transmitter of signals, which pages of other origins need not read', async () => {
    const { headers, body } = await test.http.get('/.well-known/ssf-configuration').expect(200);
    expect(body).toMatchObject({ issuer: test.issuer, jwks_uri: `${test.issuer}/jwks` });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    await test.http.get('/.well-known/ssf-configuration/').expect(200);
  });
});

const stable = ({ date: _date, 'x-request-id': _id, ...headers }: Record<string, unknown>) => headers;
