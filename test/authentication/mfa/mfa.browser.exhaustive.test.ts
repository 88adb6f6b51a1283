import { itPassesAxe } from '../../support/accessibility.ts';
import { describeInBrowser } from '../../support/browser.ts';
import { touchPhone } from '../../support/looks.ts';
import { codeOf } from '../../support/factors.ts';
import {
  addAuthenticator,
  enterPassword,
  mfaPages,
  registerPasskey,
  startMfaBrowser,
  type MfaBrowser,
} from './mfa-browser.ts';

describeInBrowser('MFA in a browser', () => {
  let mfa: MfaBrowser;
  beforeAll(async () => {
    mfa = await startMfaBrowser();
  });
  afterAll(() => mfa.stop());

  it.each([
    ['with script', {}],
    ['without script, on a phone', { ...touchPhone, javaScriptEnabled: false }],
  ])('an authenticator app is set up on the way and used: %s', async (_name, options) => {
    const { page, complaints, close } = await mfa.open(options);
    const { username } = await mfa.newUser();
    await page.goto(mfa.strict);
    await enterPassword(page, username);
    await page.click('text=Authenticator app');
    const secret = (await page.textContent('#secret')) ?? '';
    await page.fill('input[name=code]', codeOf(secret));
    await page.click('#submit');
    expect(await page.locator('#codes li').count()).toBe(10);
    const [code] = await page.locator('#codes li').allTextContents();
    await page.click('#continue');
    await mfa.arrived(page);
    await page.context().clearCookies();
    await page.goto(mfa.start);
    await enterPassword(page, username);
    await page.fill('input[name=code]', codeOf(secret, { steps: 1 }));
    await page.click('#submit');
    await mfa.arrived(page);
    await page.context().clearCookies();
    await page.goto(mfa.start);
    await enterPassword(page, username);
    await page.click('text=Use a recovery code');
    await page.fill('input[name=code]', code!.trim());
    await page.check('input[name=remember]');
    await page.click('#submit');
    await mfa.arrived(page);
    await page.context().clearCookies({ name: 'session' });
    await page.goto(mfa.start);
    await enterPassword(page, username);
    await mfa.arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey signs in by its button, without a name', async () => {
    const { page, complaints, close } = await mfa.open();
    await addAuthenticator(page);
    await registerPasskey(mfa, page, (await mfa.newUser()).username);
    await page.goto(mfa.strict);
    await page.click('#passkey-submit');
    await mfa.arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey signs in from what the browser offers for the field of the name, with nothing pressed', async () => {
    const { page, complaints, close } = await mfa.open({}, { offersInField: true });
    await addAuthenticator(page);
    await registerPasskey(mfa, page, (await mfa.newUser()).username);
    await page.goto(mfa.strict);
    await mfa.arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey is a second factor after the password; when none comes, the page says so and lets try again', async () => {
    const { page, complaints, close } = await mfa.open();
    const { session, authenticatorId } = await addAuthenticator(page);
    const { username } = await mfa.newUser();
    await registerPasskey(mfa, page, username);
    await page.goto(mfa.start);
    await enterPassword(page, username);
    await page.waitForSelector('text=Verify it’s you');
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
    await session.send('WebAuthn.clearCredentials', { authenticatorId });
    await page.click('#passkey-submit');
    await page.waitForSelector('[data-failed]:not([hidden])');
    await session.send('WebAuthn.addCredential', { authenticatorId, credential: credentials[0]! });
    await page.click('#passkey-submit');
    await mfa.arrived(page);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a passkey is renamed and removed in My Account', async () => {
    const { page, complaints, close } = await mfa.open();
    await addAuthenticator(page);
    await registerPasskey(mfa, page, (await mfa.newUser()).username);
    await page.goto(`${mfa.test.issuer}/account/security`);
    await page.click('#passkey-submit');
    await page.waitForSelector('text=My laptop');
    await page.click('summary');
    await page.fill('input[name=name]', 'The old one');
    await page.click('button[name=rename]');
    await page.waitForSelector('text=Passkey renamed.');
    await page.waitForSelector('text=The old one');
    await page.click('button[name=remove]');
    await page.waitForSelector('text=Sign-in method removed.');
    expect(complaints).toEqual([]);
    await close();
  });

  it('without script there is no button for a passkey, and nothing is lost', async () => {
    const { page, close } = await mfa.open({ javaScriptEnabled: false });
    await page.goto(mfa.start);
    expect(await page.locator('#passkey-submit').isVisible()).toBe(false);
    await enterPassword(page, (await mfa.newUser()).username);
    await mfa.arrived(page);
    await close();
  });

  // `mfa-pages.browser.exhaustive.test.ts` looks at all of them.
  itPassesAxe(['wrong code', 'recovery codes'], {
    section: 'mfa',
    open: (options) => mfa.open(options),
    pages: mfaPages(() => mfa),
  });
});
