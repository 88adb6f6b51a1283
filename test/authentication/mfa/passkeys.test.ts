import { createPlainBrowser, type PlainBrowser, type Visit } from '../../../src/demo/plain-browser.ts';
import { MFA, PHR, SFA } from '../../../src/platform/assurance.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { createAuthenticator, passkeyOptions, type Authenticator, type Lie } from '../../support/authenticator.ts';
import { giveTotp } from '../../support/factors.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { noted } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

type Party = Awaited<ReturnType<typeof relyingParty>>;

describe('a passkey', () => {
  let test: TestApp;
  let party: Party;
  let offset = 0;
  let people = 0;
  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const at = (path: string) => `${test.issuer}${path}`;
  const newBrowser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  const somebody = () => giveUser(test, `somebody-${(people += 1)}@example.com`, { firstName: 'Ada' });
  const passkeysOf = async ({ id }: User) => (await test.app.mfa.factors.find(id)).passkeys;

  /** In My Account, as somebody would with a browser that has script. */
  async function register(user: User, lie: Lie = {}, authenticator = createAuthenticator(test.issuer)) {
    const browser = newBrowser();
    const signIn = await browser.open(at('/account/security/passkey'));
    const page = await browser.press(signIn, 'login-submit', { login: user.username, password: PASSWORD });
    const answer = authenticator.create(passkeyOptions(page), lie);
    const visit = await browser.press(page, 'passkey-submit', { passkey: answer });
    expect(visit.html).toMatch(/Your recovery codes|This passkey was not accepted/);
    return { authenticator, browser, page, answer, visit };
  }

  async function toSignIn(parameters: Record<string, string> = {}, browser = newBrowser()) {
    const request = await party.start({ parameters });
    return { ...request, browser, visit: await browser.open(request.address.href) };
  }

  const press = (browser: PlainBrowser, visit: Visit, authenticator: Authenticator, lie: Lie = {}) =>
    browser.press(visit, 'passkey-submit', { passkey: authenticator.get(passkeyOptions(visit), lie) });

  describe('is registered in My Account', () => {
    it('with its name, after a sign-in of just now, with recovery codes, noted, and told by email', async () => {
      const user = await somebody();
      const { page, visit } = await register(user);
      expect(passkeyOptions(page)).toMatchObject({
        rp: { id: 'localhost' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
      expect(visit.html).toContain('Your recovery codes');
      const [passkey] = await passkeysOf(user);
      expect(passkey).toMatchObject({ name: expect.any(String), counter: 1, transports: ['internal'] });
      expect(await noted(test, user.username)).toContain('mfa.enrolled');
    });

    it('leaves its session as sure as the passkey makes it: nothing more is asked in it', async () => {
      const user = await somebody();
      const { browser } = await register(user);
      expect((await browser.open(at('/account/security'))).html).toContain('Sign-in security');
      const { idToken } = await party.signIn({ login: user.username, browser });
      expect(idToken).toMatchObject({ amr: ['pwd', 'pop', 'user', 'mfa'], acr: MFA });
    });

    it.each<[string, Lie]>([
      ['of another origin', { origin: 'https://evil.example.com' }],
      ['of another relying party', { rpId: 'evil.example.com' }],
      ['for a sign-in', { type: 'webauthn.get' }],
      ['without a look at its owner', { isVerified: false }],
      ['without its owner', { isPresent: false }],
      ['with a challenge of its own', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ])('refuses an answer %s', async (_name, lie) => {
      const user = await somebody();
      const { visit } = await register(user, lie);
      expect([visit.status, visit.html.includes('This passkey was not accepted')]).toEqual([400, true]);
      expect(await passkeysOf(user)).toEqual([]);
    });

    it('refuses an answer for the second time, and one that belongs to somebody else', async () => {
      const user = await somebody();
      const { browser, page, answer, authenticator } = await register(user);
      const again = await browser.press(page, 'passkey-submit', { passkey: answer });
      expect(again.status).toBe(400);
      expect(await passkeysOf(user)).toHaveLength(1);
      const other = await somebody();
      expect((await register(other, {}, authenticator)).visit.status).toBe(400);
      expect(await passkeysOf(other)).toEqual([]);
    });

    it('refuses what is no answer at all', async () => {
      const user = await somebody();
      const { browser, page } = await register(await somebody());
      for (const passkey of [
        '',
        '{',
        '[]',
        'null',
        '{"id":{"$ne":1}}',
        JSON.stringify({ id: 'x', type: 'public-key' }),
      ])
        expect((await browser.press(page, 'passkey-submit', { passkey })).status).toBe(400);
      expect(await passkeysOf(user)).toEqual([]);
    });
  });

  describe('as the only factor', () => {
    it('signs in by itself, as two factors that no false page can pass on', async () => {
      const user = await somebody();
      const { authenticator } = await register(user);
      const start = await toSignIn({ acr_values: PHR });
      expect(passkeyOptions(start.visit)).not.toHaveProperty('allowCredentials');
      const visit = await press(start.browser, start.visit, authenticator);
      const claims = (await party.redeem({ ...start, visit })).claims()!;
      expect(claims).toMatchObject({ sub: user.id, amr: ['pop', 'user', 'mfa'], acr: PHR });
      expect((await passkeysOf(user))[0]).toMatchObject({ counter: 2, lastUsedAt: expect.any(Date) });
      expect(await noted(test, user.username)).toContain('user.signed_in');
    });

    it('answers whichever value was asked for that holds', async () => {
      const user = await somebody();
      const { authenticator } = await register(user);
      for (const [asked, said] of [
        [MFA, MFA],
        [SFA, SFA],
        ['', MFA],
      ] as const) {
        const start = await toSignIn(asked ? { acr_values: asked } : {});
        const visit = await press(start.browser, start.visit, authenticator);
        expect((await party.redeem({ ...start, visit })).claims()!['acr']).toBe(said);
      }
    });

    it.each<[string, Lie]>([
      ['of another origin', { origin: 'https://evil.example.com' }],
      ['of another relying party', { rpId: 'evil.example.com' }],
      ['for a registration', { type: 'webauthn.create' }],
      ['without a look at its owner', { isVerified: false }],
      ['signed by another key', { hasForeignKey: true }],
      ['with a counter that went back', { counter: 1 }],
      ['with a challenge of its own', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      ['with another owner', { userHandle: Buffer.from('ffffffffffffffff').toString('base64url') }],
    ])('refuses an answer %s', async (_name, lie) => {
      const { authenticator } = await register(await somebody());
      const start = await toSignIn();
      const visit = await press(start.browser, start.visit, authenticator, lie);
      expect([visit.status, visit.html.includes('This passkey was not accepted')]).toEqual([401, true]);
    });

    it('refuses a passkey that nobody here has, in the same words', async () => {
      const start = await toSignIn();
      const visit = await press(start.browser, start.visit, createAuthenticator(test.issuer));
      expect([visit.status, visit.html.includes('This passkey was not accepted')]).toEqual([401, true]);
    });

    it('takes an answer once: of fifty at once, one; and not again later', async () => {
      const { authenticator } = await register(await somebody());
      const { passkeys } = test.app.mfa;
      const answer = authenticator.get(await passkeys.assertionOptions('a sign-in'));
      const all = await Promise.all(Array.from({ length: 50 }, () => passkeys.verify('a sign-in', answer)));
      expect(all.filter(Boolean)).toHaveLength(1);
      expect(await passkeys.verify('a sign-in', answer)).toBeUndefined();
    });

    it('takes an answer once too when its authenticator does not count, as those that reach other devices', async () => {
      const { authenticator } = await register(await somebody(), { counter: 0 });
      const { passkeys } = test.app.mfa;
      const answer = authenticator.get(await passkeys.assertionOptions('a sign-in'), { counter: 0 });
      const all = await Promise.all(Array.from({ length: 50 }, () => passkeys.verify('a sign-in', answer)));
      expect(all.filter(Boolean)).toHaveLength(1);
      expect(await passkeys.verify('a sign-in', answer)).toBeUndefined();
    });

    it('takes an answer only where its challenge was made, and in time', async () => {
      const { authenticator } = await register(await somebody());
      const { passkeys } = test.app.mfa;
      const mine = authenticator.get(await passkeys.assertionOptions('my sign-in'));
      expect(await passkeys.verify('the sign-in of a victim', mine)).toBeUndefined();
      offset += 3601_000;
      expect(await passkeys.verify('my sign-in', mine)).toBeUndefined();
    });

    it('signs nobody in who is disabled', async () => {
      const user = await somebody();
      const { authenticator } = await register(user);
      const { system } = await import('../../../src/platform/actor.ts');
      await test.app.users.disable(system, user.id);
      const start = await toSignIn();
      expect((await press(start.browser, start.visit, authenticator)).status).toBe(401);
    });
  });

  describe('as a second factor', () => {
    async function half(user: User, parameters: Record<string, string> = {}) {
      return party.authorize({ login: user.username, browser: newBrowser(), parameters });
    }

    it('is asked for after the password, by name', async () => {
      const user = await somebody();
      const { authenticator } = await register(user);
      const start = await half(user);
      expect(passkeyOptions(start.visit)).toMatchObject({ allowCredentials: [expect.any(Object)] });
      const visit = await press(start.browser, start.visit, authenticator, { isVerified: false });
      const claims = (await party.redeem({ ...start, visit })).claims()!;
      expect(claims).toMatchObject({ amr: ['pwd', 'pop', 'user', 'mfa'], acr: MFA });
    });

    it("is not another user's", async () => {
      const user = await somebody();
      await register(user);
      const { authenticator: foreign } = await register(await somebody());
      const start = await half(user);
      const visit = await press(start.browser, start.visit, foreign);
      expect([visit.status, visit.html.includes('This passkey was not accepted')]).toEqual([400, true]);
    });

    it('is the only one that will do for phr, and the codes of an app are not offered', async () => {
      const user = await somebody();
      await register(user);
      await giveTotp(test, user, Date.now() + offset);
      const start = await half(user, { acr_values: PHR });
      expect(start.visit.html).not.toContain('with=totp');
      const any = await half(user);
      expect(any.visit.html).toContain('with=totp');
    });
  });
});
