import * as client from 'openid-client';
import { USER_ATTRIBUTES } from '../../config/profile-settings.ts';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const OF_PROFILE = {
  middle_name: 'King',
  nickname: 'Countess',
  profile: 'https://example.com/ada',
  website: 'https://ada.example',
  gender: 'female',
  birthdate: '0000-12-10',
};
const ADDRESS = { street_address: '12 St James’s Square\nFlat 2', locality: 'London', postal_code: 'SW1Y 4LB' };
const PHONE = { phone_number: '+442071838750', phone_number_verified: false };
const FORMATTED = { ...ADDRESS, formatted: '12 St James’s Square\nFlat 2\nSW1Y 4LB London' };
const SCOPES = 'openid profile phone address';

describe('the standard claims (OpenID Connect Core 5.1)', () => {
  let test: TestApp;
  /** The same, where no additional attribute is in use. */
  let without: TestApp;
  let application: { id: string; secret: string };
  let userId: string;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: USER_ATTRIBUTES.join(' ') } });
    without = await startApp({ uri: test.uri });
    application = await giveApplication(test);
    ({ id: userId } = await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' }));
    await test.app.users.update(system, userId, { ...OF_PROFILE, ...PHONE, address: ADDRESS });
  });
  afterAll(async () => {
    await without.app.stop();
    await test.tearDown();
  });

  async function userinfo(on: TestApp, scope: string, parameters: Record<string, string> = {}) {
    const party = await relyingParty(on, application);
    const { tokens, idToken } = await party.signIn({ login: 'ada@example.com', scope, parameters });
    return { idToken, claims: await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub)) };
  }

  it('come with the scopes profile, phone and address', async () => {
    const { claims } = await userinfo(test, SCOPES);
    expect(claims).toMatchObject({ ...OF_PROFILE, ...PHONE, address: FORMATTED, name: 'Ada King Lovelace' });
    const { claims: profile } = await userinfo(test, 'openid profile');
    for (const name of ['phone_number', 'phone_number_verified', 'address']) expect(profile).not.toHaveProperty(name);
  });

  it('say that a number is verified when an administrator does', async () => {
    await test.app.users.update(system, userId, { phone_number_verified: true });
    expect((await userinfo(test, 'openid phone')).claims).toMatchObject({ ...PHONE, phone_number_verified: true });
    await test.app.users.update(system, userId, { phone_number_verified: false });
  });

  it('are left out where there is no value', async () => {
    await giveUser(test, 'grace@example.com');
    const party = await relyingParty(test, application);
    const { tokens, idToken } = await party.signIn({ login: 'grace@example.com', scope: SCOPES });
    const claims = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    expect(Object.keys(claims).sort()).toEqual(['preferred_username', 'sub', 'updated_at']);
  });

  it('are in the ID token if the claim policy says so, and in the preview', async () => {
    const token = await adminToken(test);
    const path = `/v1/applications/${application.id}`;
    const as = { authorization: `Bearer ${token}` };
    await test.http
      .put(`${path}/claim-policy`)
      .set(as)
      .send({ id_token_scopes: ['phone', 'address'] })
      .expect(200);
    const { idToken } = await userinfo(test, SCOPES);
    expect(idToken).toMatchObject({ ...PHONE, address: FORMATTED });
    expect(idToken).not.toHaveProperty('nickname');
    const scope = 'openid profile email phone address groups roles';
    const { body } = await test.http.get(`${path}/claims/${userId}`).query({ scope }).set(as);
    expect(body.result.scopes.join(' ')).toBe(scope);
    expect(body.result.id_token).toMatchObject({ ...PHONE, address: FORMATTED });
    expect(body.result.userinfo).toMatchObject({ ...OF_PROFILE, ...PHONE, address: FORMATTED });
    const off = await without.http
      .get(`${path}/claims/${userId}`)
      .set({ authorization: `Bearer ${await adminToken(without)}` });
    expect(off.body.result.scopes).toEqual(['openid', 'profile']);
    expect(off.body.result.id_token).not.toHaveProperty('address');
    expect(off.body.result.userinfo).not.toHaveProperty('nickname');
  });

  it('are in the discovery document as far as they are in use', async () => {
    const documentOf = async ({ http }: TestApp) => (await http.get('/.well-known/openid-configuration')).body;
    const all = await documentOf(test);
    const names = [...Object.keys(OF_PROFILE), ...Object.keys(PHONE), 'address'];
    expect(all.claims_supported).toEqual(expect.arrayContaining(names));
    expect(all.scopes_supported).toEqual(expect.arrayContaining(['phone', 'address']));
    const none = await documentOf(without);
    expect(none.claims_supported.filter((name: string) => names.includes(name))).toEqual([]);
    expect(none.scopes_supported.filter((name: string) => ['phone', 'address'].includes(name))).toEqual([]);
  });

  it('that are not in use reach no application, whatever it asks for', async () => {
    const claims = JSON.stringify({ userinfo: { nickname: null, phone_number: null }, id_token: { address: null } });
    const seen = await userinfo(without, SCOPES, { claims });
    const names = [...Object.keys(OF_PROFILE), ...Object.keys(PHONE), 'address'];
    expect(Object.keys({ ...seen.claims, ...seen.idToken }).filter((name) => names.includes(name))).toEqual([]);
    expect(seen.claims).toMatchObject({ name: 'Ada Lovelace' });
  });

  describe('the consent', () => {
    async function consentPage(on: TestApp, login: string, scope: string, parameters: Record<string, string> = {}) {
      const asking = await giveApplication(test, { skipConsent: false });
      const party = await relyingParty(on, asking);
      const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
      const { address } = await party.start({ scope, parameters });
      const visit = await browser.open(address.href);
      return (await browser.press(visit, 'login-submit', { login, password: PASSWORD })).html;
    }
    const claims = JSON.stringify({ userinfo: { phone_number: null, address: { essential: true }, nickname: null } });

    it('names phone number and address, whether a scope or a claims parameter asks', async () => {
      for (const html of [
        await consentPage(test, 'ada@example.com', SCOPES),
        await consentPage(test, 'ada@example.com', 'openid', { claims }),
      ]) {
        expect(html).toContain('See your phone number');
        expect(html).toContain('See your address');
        expect(html).toContain('See your name and the rest of your profile');
      }
    });

    it('does not ask for what is not in use', async () => {
      const html = await consentPage(without, 'ada@example.com', SCOPES, { claims });
      expect(html).toContain('consent-submit');
      expect(html).not.toContain('See your phone number');
      expect(html).not.toContain('See your address');
    });
  });
});
