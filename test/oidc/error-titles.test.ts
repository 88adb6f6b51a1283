import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('the title of an error page', () => {
  let test: TestApp;
  let application: { id: string; secret: string };
  beforeAll(async () => {
    test = await startApp();
    application = await giveApplication(test);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  const open = async (path: string, language = 'en') => {
    const reply = await test.http.get(path).set({ accept: 'text/html', 'accept-language': language });
    return { status: reply.status, title: /<h1>(.*?)<\/h1>/.exec(reply.text)?.[1], html: reply.text };
  };

  it.each([
    ['/session/end?id_token_hint=broken', 400],
    [`/session/end?post_logout_redirect_uri=https://evil.example.com/&client_id=ID`, 400],
    ['/session/end?client_id=nobody', 400],
  ])('says of %s that it was a sign-out, with a way to sign out', async (path, status) => {
    const page = await open(path.replace('ID', application.id));
    expect([page.status, page.title]).toEqual([status, 'You were not signed out']);
    expect(page.html).toContain('href="/session/end">Sign out</a>');
    expect((await open(path.replace('ID', application.id), 'de')).title).toBe('Sie wurden nicht abgemeldet');
  });

  it('says so of a sign-out page that was open for too long', async () => {
    const party = await relyingParty(test, application);
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    await party.signIn({ login: 'ada@example.com', browser });
    const page = await browser.open(`${test.issuer}/session/end`);
    await browser.press(page, 'logout-yes');
    const again = await browser.press(page, 'logout-yes');
    expect([again.status, again.html]).toEqual([400, expect.stringContaining('<h1>You were not signed out</h1>')]);
  });

  it.each(['/me', '/me?access_token=x'])('says of %s that it is for applications', async (path) => {
    expect((await open(path)).title).toBe('This address is for applications');
  });

  it('speaks of a sign-in where it was one', async () => {
    expect((await open('/auth?client_id=nobody')).title).toBe('Unknown application');
    expect((await open(`/auth?client_id=${application.id}&redirect_uri=https://x.example`)).title).toBe(
      'Invalid redirect URI',
    );
  });
});
