import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  startApp,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startRemoteApp } from '../support/remote-app.ts';

export const AWAY = {
  error: 'temporarily_unavailable',
  error_description: 'the database cannot be reached, try again soon',
};

export type Outage = Awaited<ReturnType<typeof startOutage>>;

export const cookiesOf = (reply: { headers: Record<string, unknown> }) =>
  ((reply.headers['set-cookie'] ?? []) as string[]).map((cookie) => cookie.split(';')[0]).join('; ');

/** A node that can be cut off from its database, one that cannot, and an application whose users sign in. */
export async function startOutage() {
  const settings = { COHORT_SELF_REGISTRATION: 'open' };
  const test = await startApp({ settings });
  const { remote, proxy, ...node } = await startRemoteApp(test, settings);
  const application = await giveApplication(test);
  const party = await relyingParty(test, application);
  const { id } = await giveUser(test, 'ada@example.com');
  for (const name of ['Pilots', 'Staff']) await giveGroup(test, name, [id]);
  await test.http
    .put(`/v1/applications/${application.id}/claim-policy`)
    .set('authorization', `Bearer ${await adminToken(test)}`)
    .send({ limit: 1 });

  /** Everything that is needed for a good request to each endpoint of the protocol. */
  async function prepare() {
    const service = await giveService(test);
    const native = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
    const scope = 'openid offline_access groups';
    const { tokens, browser, idToken } = await party.signIn({ login: 'ada@example.com', scope });
    const { visit, verifier } = await party.authorize({ login: 'ada@example.com', browser });
    const device = (await test.http.post('/device/auth').type('form').send({ client_id: native.id, scope: 'openid' }))
      .body;
    const initial = await test.app.makeRegistrationToken(600);
    const registered = (
      await test.http
        .post('/reg')
        .set('authorization', `Bearer ${initial}`)
        .send({ redirect_uris: [REDIRECT_URI] })
    ).body;
    const started = await test.http.get('/auth').query((await party.start()).address.searchParams.toString());
    return {
      service,
      native,
      tokens,
      device,
      initial: await test.app.makeRegistrationToken(600),
      registered,
      code: new URL(visit.address).searchParams.get('code')!,
      verifier,
      claims: (idToken['_claim_sources'] as { cohort: { access_token: string } }).cohort.access_token,
      session: browser.cookies().join('; '),
      interaction: { path: started.headers['location'] as string, cookies: cookiesOf(started) },
    };
  }

  /** Mends the network, and resolves when the node serves again. */
  async function mend(): Promise<void> {
    proxy.mend();
    while ((await remote.http.get('/readyz')).status !== 200);
  }

  async function stop(): Promise<void> {
    await node.stop();
    await test.tearDown();
  }

  return { test, remote, proxy, application, party, prepare, mend, stop };
}

/** No request of a sign-in answers 500 when the database goes away at this collection. */
export async function expectNoDefectAt(
  { remote: { http }, proxy, party, application, prepare }: Outage,
  collection: string,
): Promise<void> {
  const { interaction, session, code, verifier, tokens } = await prepare();
  const { cookies, path } = interaction;
  proxy.cutWhenSent(collection);
  const requests = [
    http.get(`/auth?${(await party.start()).address.searchParams.toString()}`).set('cookie', session),
    http.get(path).set('cookie', cookies),
    http
      .post(`${path}/login`)
      .set('cookie', cookies)
      .type('form')
      .send({ login: 'ada@example.com', password: PASSWORD }),
    http.get(path.replace('/interaction/', '/auth/')).set('cookie', cookies),
    http.post('/token').auth(application.id, application.secret).type('form').send({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
    }),
    http.get('/me').set('authorization', `Bearer ${tokens.access_token}`),
    http.get('/account').set('cookie', session),
  ];
  const replies = [];
  for (const request of requests) replies.push(await request);
  expect(replies.filter(({ status }) => status >= 500 && status !== 503).map(({ text }) => text)).toEqual([]);
  for (const { status, headers } of replies) expect(headers['retry-after']).toBe(status === 503 ? '5' : undefined);
  for (const { body } of replies) expect(body.error ?? AWAY.error).toBe(AWAY.error);
}
