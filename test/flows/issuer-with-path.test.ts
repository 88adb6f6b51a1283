import { freePort } from '../../src/platform/free-port.ts';
import { giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import supertest from 'supertest';

/** Cohort at a path; the path is that of the authorization endpoint, too, which is the hardest to tell apart. */
async function startBelow(path: string): Promise<TestApp & { root: ReturnType<typeof supertest> }> {
  const port = await freePort();
  const settings = { COHORT_ISSUER: `http://localhost:${port}${path}`, COHORT_PORT: String(port) };
  const test = await startApp({ settings, port });
  return Object.assign(test, { root: supertest(`http://127.0.0.1:${port}`) });
}

describe('an issuer with a path', () => {
  let test: Awaited<ReturnType<typeof startBelow>>;
  beforeAll(async () => {
    test = await startBelow('/auth');
  });
  afterAll(() => test.tearDown());

  it('has all of its endpoints below the path', async () => {
    const { body } = await test.root.get('/auth/.well-known/openid-configuration').expect(200);
    expect(body).toMatchObject({ issuer: test.issuer, authorization_endpoint: `${test.issuer}/auth` });
    const endpoints = Object.entries(body as Record<string, unknown>).filter(([name]) => /_(endpoint|uri)$/.test(name));
    expect(endpoints.length).toBeGreaterThan(8);
    for (const [, address] of endpoints) expect(address).toMatch(new RegExp(`^${test.issuer}/`));
    await test.root.get('/auth/jwks').expect(200);
  });

  it('is described where RFC 8414, section 3.1, puts it, too', async () => {
    const { body } = await test.root.get('/.well-known/oauth-authorization-server/auth').expect(200);
    expect(body).toMatchObject({ issuer: test.issuer });
  });

  it('signs a user in to an application that reads their groups, and out again', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    await giveGroup(test, 'Pilots', [ada.id]);
    const party = await relyingParty(test, await giveApplication(test, { skipConsent: false }));
    const { browser, ...request } = await party.authorize({ login: 'ada@example.com', scope: 'openid groups' });
    const tokens = await party.redeem(request);
    expect(tokens.claims()).toMatchObject({ iss: test.issuer, groups: ['Pilots'] });

    const account = await browser.open(`${test.issuer}/account`);
    expect(account.address).toBe(`${test.issuer}/account`);
    const asking = await browser.open(`${test.issuer}/session/end`);
    const over = await browser.press(asking, 'logout-yes');
    expect([over.status, over.address]).toEqual([200, `${test.issuer}/session/end/success`]);
    expect((await browser.open(`${test.issuer}/account`)).html).toContain('login-submit');
  });

  it('has pages, style and script that lead nowhere else', async () => {
    for (const path of ['/auth/', '/auth/recover', '/auth/nowhere']) {
      const { text } = await test.root.get(path);
      const inside = [...text.matchAll(/ (?:href|src|action)="(\/[^"]*)"/g)].map(([, address]) => address!);
      expect(inside.filter((address) => !address.startsWith('/auth/'))).toEqual([]);
      for (const asset of inside.filter((address) => address.includes('/assets/')))
        await test.root.get(asset).expect(200);
    }
  });

  it('leaves its cookies to no other path', async () => {
    const { id } = await giveApplication(test);
    const query = {
      client_id: id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'https://app.example.com/callback',
    };
    const reply = await test.root.get('/auth/auth').query(query).expect(303);
    expect(reply.headers['location']).toMatch(/^\/auth\/interaction\//);
    const paths = reply.get('Set-Cookie')!.map((cookie) => /; path=([^;]*)/i.exec(cookie)?.[1]);
    expect(paths.filter((path) => !path?.startsWith('/auth/'))).toEqual([]);
  });

  it('answers nothing outside of its path but probes, and shows the way from the root', async () => {
    await test.root.get('/').expect(302).expect('location', '/auth/');
    await test.root.get('/healthz').expect(200);
    await test.root.get('/readyz').expect(200);
    for (const path of ['/account', '/authx', '/jwks', '/.well-known/openid-configuration', '/AUTH/jwks'])
      await test.root.get(path).expect(404);
  });

  it('has cookies under https that no other application of the host gets, and no downgrade', async () => {
    const secure = await startApp({ settings: { COHORT_ISSUER: 'https://id.example.com/auth' } });
    const reply = await secure.http.post('/language').type('form').send({ language: 'de', return_to: '/recover' });
    expect(reply.headers['location']).toBe('https://id.example.com/auth/recover');
    expect(reply.headers['strict-transport-security']).toBeDefined();
    expect(reply.get('Set-Cookie')).toEqual([expect.stringMatching(/^__Secure-cohort_\w+=.*; path=\/auth; .*secure/i)]);
    await secure.tearDown();
  });
});
