import { exportJWK, generateKeyPair } from 'jose';
import type { PlainBrowser, Visit } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveApplication, giveService, giveUser, startApp, type TestApp } from '../../support/app.ts';

describe('the protocol of an application in the console, without script', () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/applications'));
  });
  afterAll(() => test.tearDown());

  const open = (id: string, part = 'protocol') => browser.open(`${test.issuer}/console/applications/${id}/${part}`);
  const typedInto = ({ html }: Visit, name: string) =>
    new RegExp(`<select[^>]*name="${name}">[\\s\\S]*?</select>`).exec(html)?.[0].match(/value="([^"]*)" selected/)?.[1];

  it('goes from a secret to a key and to FAPI 2.0, and shows what that sets', async () => {
    const { id } = await giveApplication(test);
    const { publicKey } = await generateKeyPair('ES256');
    const jwks = JSON.stringify({ keys: [await exportJWK(publicKey)] });
    const saved = await browser.press(await open(id), 'save', {
      token_endpoint_auth_method: 'private_key_jwt',
      security_profile: 'fapi2',
      id_token_signed_response_alg: 'ES256',
      jwks,
      'response_type:code': 'yes',
    });
    expect([saved.status, saved.html]).toEqual([200, expect.stringContaining('Application saved')]);
    expect(typedInto(saved, 'security_profile')).toBe('fapi2');
    expect(saved.html).toMatch(/name="dpop_bound_access_tokens" value="yes" checked/);
    const { metadata, encryptedSecret } = await test.app.applications.get(id);
    expect(metadata).toMatchObject({ token_endpoint_auth_method: 'private_key_jwt', jwks: JSON.parse(jwks) as object });
    expect(encryptedSecret).toBeUndefined();
    expect((await open(id, '')).html).not.toContain('id="new-secret"');
  });

  it('keeps what was typed and says beside the field what is wrong', async () => {
    const { id } = await giveApplication(test);
    const fields = { jwks: '{"keys":', jwks_uri: 'nowhere', 'response_type:code': 'yes' };
    const refused = await browser.press(await open(id), 'save', fields);
    expect(refused.status).toBe(400);
    expect(refused.html).toMatch(/id="jwks-fault"/);
    expect(refused.html).toMatch(/id="jwks_uri-fault"[\s\S]*must be an http or https URL/);
    expect(refused.html).toContain('{&#34;keys&#34;:</textarea>');
    expect((await test.app.applications.get(id)).metadata).not.toHaveProperty('jwks');
  });

  it('changes nothing when it is saved as it is, for every type', async () => {
    const ids = [
      ...(await Promise.all((['web', 'spa', 'native'] as const).map((type) => giveApplication(test, { type })))),
      await giveService(test, ['users:read']),
    ].map(({ id }) => id);
    for (const id of ids) {
      const before = await test.app.applications.get(id);
      expect((await browser.press(await open(id), 'save')).status).toBe(200);
      expect(await test.app.applications.get(id)).toEqual(before);
    }
  });

  it('has a secret replaced while the old one stays valid for a while', async () => {
    const { id, secret } = await giveApplication(test);
    const made = await browser.press(await open(id, 'secret'), 'confirm', { confirmed: 'yes', keep: '86400' });
    expect(made.html).toContain('is-secret');
    expect(await test.app.applications.previousSecret(id)).toBe(secret);
  });
});
