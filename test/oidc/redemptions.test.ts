import { decodeJwt } from 'jose';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { letGracePass } from '../support/grace.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('a redemption that fails in the middle', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  /** The database takes no document of this collection; the write before has succeeded. */
  async function refuseWrites<T>(collection: string, during: () => Promise<T>): Promise<T> {
    const db = test.app.database.connection.db!;
    await db.command({ collMod: collection, validator: { nothing: 'has this' }, validationLevel: 'strict' });
    try {
      return await during();
    } finally {
      await db.command({ collMod: collection, validator: {}, validationLevel: 'off' });
    }
  }

  const redeem = (fields: Record<string, string>) => test.http.post('/token').type('form').send(fields);

  async function signIn() {
    const { id } = await giveApplication(test, { type: 'spa' });
    const party = await relyingParty(test, { id, secret: '' });
    return { id, party, ...(await party.authorize({ login: 'ada@example.com', scope: 'openid offline_access' })) };
  }

  async function codeFields(): Promise<Record<string, string>> {
    const { id, visit, verifier } = await signIn();
    const code = new URL(visit.address).searchParams.get('code')!;
    return {
      client_id: id,
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
    };
  }

  async function refreshFields(): Promise<Record<string, string>> {
    const { body } = await redeem(await codeFields());
    const { aud } = decodeJwt(body.id_token as string);
    return { client_id: String(aud), grant_type: 'refresh_token', refresh_token: body.refresh_token as string };
  }

  async function deviceFields(): Promise<Record<string, string>> {
    const { id } = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
    const { body } = await test.http.post('/device/auth').type('form').send({ client_id: id, scope: 'openid' });
    const browser = createPlainBrowser();
    const page = await browser.open(`${test.issuer}/device`);
    const confirm = await browser.press(page, 'submit', { user_code: body.user_code as string });
    const asked = await browser.press(confirm, 'device-confirm');
    const consent = await browser.press(asked, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    await browser.press(consent, 'consent-submit');
    const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
    return { client_id: id, grant_type: grantType, device_code: body.device_code as string };
  }

  describe.each([
    ['an authorization code', 'oidc_ended_tokens', codeFields],
    ['a refresh token', 'oidc_refresh_families', refreshFields],
    ['a device code', 'oidc_device_codes', deviceFields],
  ])('%s', (_, collection, fieldsOf) => {
    it('can be sent again when that it was redeemed could not be written, and works once', async () => {
      const fields = await fieldsOf();
      const refused = await refuseWrites(collection, () => redeem(fields));
      expect(refused.status).toBeGreaterThanOrEqual(500);
      expect(refused.text).not.toContain('access_token');
      const redeemed = await redeem(fields);
      expect(redeemed.status).toBe(200);
      const me = () => test.http.get('/me').set('authorization', `Bearer ${redeemed.body.access_token}`);
      expect((await me()).status).toBe(200);
      await letGracePass(test);
      expect((await redeem(fields)).body.error).toBe('invalid_grant');
      expect((await me()).status).toBe(401);
    });
  });
});
