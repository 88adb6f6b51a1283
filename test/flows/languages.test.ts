import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { emailsTo, linkTo } from '../support/emails.ts';

const HOUR = 3600_000;

describe('the language of a page', () => {
  let test: TestApp;
  let offset = 0;
  beforeAll(async () => {
    const settings = { COHORT_SELF_REGISTRATION: 'open' };
    test = await startApp({ settings, now: () => new Date(Date.now() + offset) });
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const at = (path: string) => `${test.issuer}${path}`;
  const spoken = ({ text }: { text: string }) => /<html lang="(.*?)" dir="(.*?)">/.exec(text)?.slice(1).join(' ');
  const get = (path: string, accept = '', cookie = '') =>
    test.http.get(path).set('accept-language', accept).set('cookie', cookie);
  const choose = (fields: Record<string, string>, origin = new URL(test.issuer).origin) =>
    test.http.post('/language').set('origin', origin).type('form').send(fields);
  const cookieOf = (reply: { get(name: 'Set-Cookie'): string[] | undefined }) =>
    (reply.get('Set-Cookie')?.[0] ?? '').split(';')[0]!;
  async function authorizationPath(more: Record<string, string> = {}): Promise<string> {
    const { id } = await giveApplication(test, { skipConsent: false });
    const query = { client_id: id, response_type: 'code', scope: 'openid', redirect_uri: REDIRECT_URI, ...more };
    return `/auth?${new URLSearchParams(query).toString()}`;
  }

  it.each([
    ['', 'en ltr'],
    ['de', 'de ltr'],
    ['fr;q=0.9, de-AT;q=0.5', 'de ltr'],
    ['ar-EG, en;q=0.1', 'ar rtl'],
    ['fr', 'en ltr'],
    ['*', 'en ltr'],
  ])('is what the browser accepts: %j', async (accept, expected) => {
    const page = await get('/recover', accept);
    expect(spoken(page)).toBe(expected);
    expect(page.headers).toMatchObject({
      'content-language': expected.split(' ')[0],
      'cache-control': 'no-store',
      vary: expect.stringMatching(/Accept-Language, Cookie/),
    });
  });

  it.each([
    ['/nowhere', 404],
    ['/auth?client_id=nobody', 400],
    ['/recover/broken', 400],
    ['/device', 200],
    ['/session/end/success', 200],
    ['/', 200],
  ])('is the same on the pages of errors and of the provider: %s', async (path, status) => {
    const page = await get(path, 'ar');
    expect([page.status, spoken(page)]).toEqual([status, 'ar rtl']);
  });

  it('is the first one of the settings for everybody else', async () => {
    const german = await startApp({ settings: { COHORT_LANGUAGES: 'de en' } });
    const page = await german.http.get('/recover').set('accept-language', 'ar');
    expect(spoken(page)).toBe('de ltr');
    expect(page.text).not.toContain('العربية');
    await german.tearDown();
  });

  it('can be asked for by the application, which finds in the discovery document what there is', async () => {
    const { body } = await test.http.get('/.well-known/openid-configuration');
    expect(body.ui_locales_supported).toEqual(['en', 'de', 'ar']);
    const browser = createPlainBrowser();
    const signIn = await browser.open(at(await authorizationPath({ ui_locales: 'fr ar de' })));
    expect(spoken({ text: signIn.html })).toBe('ar rtl');
    const [, recover = ''] = /href="([^"]*\/recover\?[^"]*)"/.exec(signIn.html) ?? [];
    expect(spoken(await get(test.inside(recover.replaceAll('&amp;', '&'))!))).toBe('ar rtl');
    expect(spoken(await get('/auth?client_id=nobody&ui_locales=de'))).toBe('de ltr');
  });

  it('is what the visitor chose, also on a page that the application wants in another', async () => {
    const chosen = await choose({ language: 'de', return_to: '/recover?from=x' });
    expect([chosen.status, chosen.headers['location']]).toEqual([303, at('/recover?from=x')]);
    const cookie = cookieOf(chosen);
    expect(String(chosen.headers['set-cookie'])).toMatch(/; path=\/(auth)?; .*samesite=lax; httponly/i);
    expect(spoken(await get('/recover', 'ar', cookie))).toBe('de ltr');
    expect(spoken(await get('/recover?ui_locales=ar', '', cookie))).toBe('de ltr');
    // Much later another application may ask for what it likes.
    offset = 2 * HOUR;
    expect(spoken(await get('/recover', 'ar', cookie))).toBe('de ltr');
    expect(spoken(await get('/recover?ui_locales=ar', '', cookie))).toBe('ar rtl');
  });

  it('is not chosen by what is no language of ours', async () => {
    for (const language of ['fr', '', '../de', 'de.1'])
      expect((await choose({ language, return_to: '/' })).headers['set-cookie']).toBeUndefined();
    for (const cookie of ['cohort_language=fr.99999999999', 'cohort_language=de', 'cohort_language=%'])
      expect(spoken(await get('/recover', '', cookie))).toBe('en ltr');
  });

  it.each([
    '//evil.example.com',
    '/\\evil.example.com',
    'https://evil.example.com/',
    'javascript:alert(1)',
    '/\t/evil.example.com',
    '@evil.example.com',
    '',
  ])('leads back to our own pages only: %j', async (return_to) => {
    const { headers } = await choose({ language: 'de', return_to });
    expect(test.inside(headers['location'])).toBe('/');
  });

  it('leads to no other host by a path that begins with two slashes once it is resolved', async () => {
    const { headers } = await choose({ language: 'de', return_to: '/.//evil.example.com' });
    expect(new URL(headers['location']!, test.issuer).origin).toBe(new URL(test.issuer).origin);
  });

  it('is not chosen by another site, nor by a link', async () => {
    const foreign = await choose({ language: 'de', return_to: '/' }, 'https://evil.example.com');
    expect([foreign.status, foreign.headers['set-cookie']]).toEqual([403, undefined]);
    expect((await get('/language?language=de')).headers['set-cookie']).toBeUndefined();
  });

  it('is that of the profile once somebody is signed in, and times are told by their clock', async () => {
    const { id } = await giveUser(test, 'ada@example.com');
    await test.app.users.update(system, id, { locale: 'de-CH', zoneinfo: 'Asia/Tokyo' });
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const signIn = await browser.open(at(await authorizationPath({ scope: 'openid groups' })));
    expect(spoken({ text: signIn.html })).toBe('en ltr');
    const consent = await browser.press(signIn, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    expect(spoken({ text: consent.html })).toBe('de ltr');
    expect(consent.html).toContain('Ihre Gruppen sehen');
    const sessions = await browser.open(at('/account/sessions'));
    expect(sessions.html).toMatch(/<time datetime="[^"]*">[^<]*GMT\+9<\/time>/);
    for (const path of ['/session/end', '/device'])
      expect(spoken({ text: (await browser.open(at(path))).html })).toBe('de ltr');
    expect(spoken({ text: (await browser.open(at('/session/end?ui_locales=ar'))).html })).toBe('ar rtl');
    // Their own spelling of the language stays although there is no catalogue of that name.
    const profile = await browser.open(at('/account/profile'));
    expect(profile.html).toMatch(/<option value="de-CH"[^>]* selected>/);
  });

  it('follows the profile from the moment it is saved, whatever was chosen before', async () => {
    await giveUser(test, 'grace@example.com');
    const cookie = cookieOf(await choose({ language: 'de', return_to: '/' }));
    const browser = createPlainBrowser();
    const signIn = await browser.open(at('/account/profile'));
    const page = await browser.press(signIn, 'login-submit', { login: 'grace@example.com', password: PASSWORD });
    const cookies = [...browser.cookies(), cookie].join('; ');
    expect(spoken(await get('/account', '', cookies))).toBe('de ltr');
    const fields = { first_name: '', last_name: '', picture: '', locale: 'ar', zoneinfo: '' };
    const save = () =>
      test.http
        .post('/account/profile')
        .set('origin', new URL(test.issuer).origin)
        .set('cookie', cookies)
        .type('form')
        .send(fields);
    expect(String((await save()).headers['set-cookie'])).toContain('cohort_language=;');
    expect((await save()).headers['set-cookie']).toBeUndefined();
    expect(spoken({ text: (await browser.open(page.address)).html })).toBe('ar rtl');
  });

  describe('of an email', () => {
    const chosen = { password: PASSWORD, password_again: PASSWORD, first_name: '', last_name: '' };
    const post = (path: string, fields: Record<string, string>, accept: string) =>
      test.http
        .post(path)
        .set('origin', new URL(test.issuer).origin)
        .set('accept-language', accept)
        .type('form')
        .send(fields);

    it('is that of the page on which an account was asked for, and becomes that of the profile', async () => {
      await post('/register', { email: 'hal@example.com', ...chosen }, 'ar');
      const [email] = await emailsTo(test, 'hal@example.com');
      expect(email).toMatchObject({
        subject: 'أكّد بريدك الإلكتروني',
        html: expect.stringContaining('<html lang="ar" dir="rtl">'),
        text: expect.stringContaining('بعد 24 ساعة'),
      });
      const done = await post(await linkTo(test, 'hal@example.com'), { password: PASSWORD }, 'ar');
      expect(done.text).toContain('حسابك جاهز');
      const users = test.app.database.connection.collection('users');
      expect(await users.findOne({ username: 'hal@example.com' })).toMatchObject({ locale: 'ar' });
    });

    it('is that of the profile before that of the page', async () => {
      const { id } = await giveUser(test, 'ida@example.com');
      await post('/recover', { email: 'ida@example.com' }, 'ar');
      expect((await emailsTo(test, 'ida@example.com'))[0]!.subject).toBe('أعد تعيين كلمة مرورك');
      await test.app.users.update(system, id, { locale: 'de' });
      await post('/recover', { email: 'ida@example.com' }, 'ar');
      const [email] = await emailsTo(test, 'ida@example.com');
      expect(email!.subject).toBe('Setzen Sie Ihr Passwort zurück');
      expect(email!.text).toContain('nach 30 Minuten');
    });

    it('is that with which an administrator created somebody', async () => {
      const user = { username: 'jo@example.com', first_name: '', last_name: '', kind: 'customer' } as const;
      await test.app.invitations.createInvited(system, { ...user, locale: 'ar', custom_data: {} });
      const [email] = await emailsTo(test, 'jo@example.com');
      expect(email!.text).toContain('بعد 7 أيام');
    });
  });
});
