import { PASSWORD } from '../support/app.ts';
import { pathOfPages } from '../support/pages.ts';
import { expectNoDefectAt, startOutage, type Outage } from './outage.ts';

describe('while the database is away, anywhere', () => {
  let outage: Outage;
  beforeAll(async () => {
    outage = await startOutage();
  });
  afterEach(() => outage.mend());
  afterAll(() => outage.stop());

  it('every page says so, and when to come again', async () => {
    const { http, app } = outage.remote;
    const { session, interaction, device } = await outage.prepare();
    const cookie = `${session}; ${interaction.cookies}`;
    const browse = { accept: 'text/html', cookie };
    const { address } = await outage.party.start();
    const shown = [
      `/auth?${address.searchParams.toString()}`,
      interaction.path.replace('/interaction/', '/auth/'),
      interaction.path,
      '/session/end',
      `/device?user_code=${device.user_code}`,
      '/account',
      '/console',
      '/me',
      ...pathOfPages(app, 'show'),
    ];
    const sent = [
      `${interaction.path}/login`,
      `${interaction.path}/cancel`,
      '/session/end/confirm',
      '/device',
      ...pathOfPages(app, 'submit'),
    ];
    const fields = {
      login: 'ada@example.com',
      email: 'ada@example.com',
      password: PASSWORD,
      user_code: device.user_code,
    };
    outage.proxy.cut();
    const replies = await Promise.all([
      ...shown.map((path) => http.get(path).set(browse)),
      ...sent.map((path) =>
        http
          .post(path)
          .set(browse)
          .type('form')
          .send({ ...fields, xsrf: 'x' }),
      ),
    ]);
    const unavailable = replies.filter(({ status }) => status === 503);
    for (const { text, headers } of unavailable) {
      expect(headers['retry-after']).toBe('5');
      expect(headers['content-type']).toContain('text/html');
      expect(text).toContain('<h1');
    }
    // What needs no database, such as a way back or a form that was not filled in, is served.
    const others = replies
      .filter(({ status }) => status !== 503)
      .map((reply) => `${reply.status} ${reply.request.url}`);
    expect(others.filter((line) => line.startsWith('5'))).toEqual([]);
    const paths = unavailable.map(({ request }) => new URL(request.url).pathname);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/auth',
        interaction.path,
        `${interaction.path}/login`,
        '/session/end',
        '/account',
        '/console',
      ]),
    );
  });

  it.each([
    'oidc_sessions',
    'oidc_interactions',
    'oidc_grants',
    'oidc_ended_tokens',
    'users',
    'applications',
    'sign_in_backoff',
    'rate_limits',
    'audit_events',
    'devices',
    'statistics',
  ])('no step of a sign-in answers 500 when it fails at %s', (collection) => expectNoDefectAt(outage, collection));
});
