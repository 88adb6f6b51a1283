import { tellChanged } from '../../src/platform/db/own-changes.mongo.ts';
import { giveApplication, giveUser, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const DAY_SECONDS = 24 * 3600;

describe('a grant', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp({
      settings: { COHORT_REFRESH_TOKEN_SECONDS: String(10 * DAY_SECONDS), COHORT_DYNAMIC_CLIENT_REGISTRATION: 'on' },
    });
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  const grants = () => test.app.database.connection.collection<{ _id: string; expiresAt: Date }>('oidc_grants');
  async function secondsLeft(clientId: string): Promise<number> {
    const found = await grants().findOne({ clientId });
    return (found!.expiresAt.getTime() - Date.now()) / 1000;
  }

  async function signIn(type: 'web' | 'spa') {
    const application = await giveApplication(test, { type });
    const party = await relyingParty(test, application);
    return { application, ...(await party.signIn({ login: 'ada@example.com', scope: 'openid offline_access' })) };
  }

  const refresh = (clientId: string, refreshToken: string) =>
    test.http
      .post('/token')
      .type('form')
      .send({ client_id: clientId, grant_type: 'refresh_token', refresh_token: refreshToken });

  it('lives as long as the refresh tokens that it may have, and not much longer', async () => {
    const { application } = await signIn('spa');
    const left = await secondsLeft(application.id);
    expect(left).toBeGreaterThan(10 * DAY_SECONDS);
    expect(left).toBeLessThan(11.1 * DAY_SECONDS);
  });

  it('lives as long as an access token where there is no refresh token', async () => {
    const initial = await test.app.makeRegistrationToken(60);
    const registered = await test.http
      .post('/reg')
      .set('authorization', `Bearer ${initial}`)
      .send({ redirect_uris: [REDIRECT_URI], grant_types: ['authorization_code'] });
    const application = { id: registered.body.client_id as string, secret: registered.body.client_secret as string };
    const party = await relyingParty(test, application);
    await party.authorize({ login: 'ada@example.com' });
    expect(await secondsLeft(application.id)).toBeLessThan(DAY_SECONDS);
  });

  it('is prolonged by a refresh token that would outlive it', async () => {
    const { application, tokens } = await signIn('spa');
    await grants().updateOne({ clientId: application.id }, { $set: { expiresAt: new Date(Date.now() + 60_000) } });
    tellChanged(test.app.database.connection, 'oidc_grants');
    const rotated = await refresh(application.id, tokens.refresh_token!);
    expect(rotated.status).toBe(200);
    expect(await secondsLeft(application.id)).toBeGreaterThan(10 * DAY_SECONDS);
    expect((await refresh(application.id, rotated.body.refresh_token)).status).toBe(200);
  });

  it('ends with its time, and its tokens with it', async () => {
    const { application, tokens } = await signIn('spa');
    await grants().updateOne({ clientId: application.id }, { $set: { expiresAt: new Date(Date.now() - 1000) } });
    tellChanged(test.app.database.connection, 'oidc_grants');
    expect((await refresh(application.id, tokens.refresh_token!)).body.error).toBe('invalid_grant');
  });
});
