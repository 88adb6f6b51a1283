import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveGroup, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('My Account, without script', () => {
  let test: TestApp;
  let offset = 0;
  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const REDIRECT = 'https://app.example.com/callback';
  const at = (path: string) => `${test.issuer}${path}`;

  async function enter(login: string, path = '/account', browser = createPlainBrowser({ stopAt: [REDIRECT] })) {
    const visit = await browser.open(at(path));
    const page = await browser.press(visit, 'login-submit', { login, password: PASSWORD });
    return { browser, page };
  }

  it('asks for a sign-in first, and comes back to the page that was wanted', async () => {
    await giveUser(test, 'ada@example.com');
    const { page } = await enter('ada@example.com', '/account/sessions');
    expect([page.status, test.inside(page.address)]).toEqual([200, '/account/sessions']);
    expect(page.html).toContain('Sessions');
  });

  it('never leads to an address that a stranger put into the way back', async () => {
    await giveUser(test, 'bo@example.com');
    const { browser } = await enter('bo@example.com');
    for (const state of [
      'https://evil.example.com/',
      '//evil.example.com',
      '/account/../auth',
      'javascript:alert(1)',
    ]) {
      const visit = await browser.open(at(`/account/callback?${new URLSearchParams({ state }).toString()}`));
      expect(test.inside(visit.address)).toBe('/account');
    }
  });

  describe('a form that meets the sign-in', () => {
    const profile = { first_name: 'Dana', last_name: 'Doe', picture: '', locale: '', zoneinfo: '' };

    it('is kept while they sign in, and sent when they say so', async () => {
      const { id } = await giveUser(test, 'kept-dana@example.com');
      const { browser, page } = await enter('kept-dana@example.com', '/account/profile');
      await test.app.users.endSessionsOfMany(system, [id]);
      const wall = await browser.press(page, 'submit', profile);
      const kept = await browser.press(wall, 'login-submit', { login: 'kept-dana@example.com', password: PASSWORD });
      expect([kept.status, kept.html]).toEqual([200, expect.stringContaining('Your changes are not saved yet')]);
      expect((await test.app.users.get(id)).firstName).toBe('');
      const sent = await browser.press(kept, 'send');
      expect(sent.html).toContain('value="Dana"');
      expect(await test.app.users.get(id)).toMatchObject({ firstName: 'Dana', lastName: 'Doe' });
      expect((await browser.open(at('/account/resume'))).address).toBe(at('/account'));
    });

    it('does not keep passwords', async () => {
      const { id } = await giveUser(test, 'kept-ed@example.com');
      const { browser, page } = await enter('kept-ed@example.com', '/account/password');
      await test.app.users.endSessionsOfMany(system, [id]);
      const fields = { current: PASSWORD, password: 'Another#2027', password_again: 'Another#2027' };
      const wall = await browser.press(page, 'submit', fields);
      expect(wall.html).toContain('login-submit');
      const kept = await browser.press(wall, 'login-submit', { login: 'kept-ed@example.com', password: PASSWORD });
      expect(kept.html).not.toMatch(/2027|2026/);
    });

    it('says so when it was too long to be kept', async () => {
      const { id } = await giveUser(test, 'kept-fay@example.com');
      const { browser, page } = await enter('kept-fay@example.com', '/account/profile');
      await test.app.users.endSessionsOfMany(system, [id]);
      const wall = await browser.press(page, 'submit', { ...profile, first_name: 'F'.repeat(4000) });
      const lost = await browser.press(wall, 'login-submit', { login: 'kept-fay@example.com', password: PASSWORD });
      expect(lost.html).toContain('too large to keep');
    });

    it('is taken from this browser alone, for pages of its own', async () => {
      await giveUser(test, 'kept-gil@example.com');
      const { browser } = await enter('kept-gil@example.com');
      const foreign = { path: '/console/settings/edit', fields: { a: 'b' } };
      const cookie = `cohort_kept_form=${Buffer.from(JSON.stringify(foreign)).toString('base64url')}`;
      const reply = await test.http.get('/account/resume').set('cookie', cookie);
      expect([reply.status, test.inside(reply.headers['location'])]).toEqual([303, '/account']);
      expect((await browser.open(at('/account/resume?path=/account/delete'))).address).toBe(at('/account'));
    });
  });

  it('greets who is asked once more by their address, and offers no other account', async () => {
    await giveUser(test, 'kept-hal@example.com');
    const { browser } = await enter('kept-hal@example.com');
    offset = 10 * 60_000;
    const again = await browser.open(at('/account/delete'));
    expect(again.html).toContain('Verify it’s you');
    expect(again.html).toContain('value="kept-hal@example.com"');
  });

  it('issues nothing to its own application but the session', async () => {
    await giveUser(test, 'cy@example.com');
    const { browser } = await enter('cy@example.com');
    const query = {
      client_id: 'cohort-account',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: at('/account/callback'),
    };
    const visit = await browser.open(at(`/auth?${new URLSearchParams(query).toString()}`));
    expect(visit.address).not.toContain('code=');
    expect(
      (
        await test.http
          .post('/token')
          .type('form')
          .send({ grant_type: 'client_credentials', client_id: 'cohort-account' })
      ).status,
    ).toBeGreaterThanOrEqual(400);
  });

  it('changes names, keeps what was typed when it is refused, and never the address', async () => {
    const { id } = await giveUser(test, 'dora@example.com', { firstName: 'Dora' });
    const { browser, page } = await enter('dora@example.com', '/account/profile');
    const faulty = await browser.press(page, 'submit', { first_name: 'Do\u202era', last_name: 'M\u00e4r' });
    expect(faulty.status).toBe(400);
    expect(faulty.html).toContain('value="Mär"');
    const saved = await browser.press(page, 'submit', {
      first_name: 'Theodora',
      last_name: 'Mär',
      username: 'x@example.com',
    });
    expect(saved.html).toContain('Profile saved.');
    const fields = {
      first_name: 'Theodora',
      last_name: 'Mär',
      picture: 'http://x.example.com/',
      locale: 'xx_!',
      zoneinfo: 'Mars/Base',
    };
    const odd = await browser.press(page, 'submit', fields);
    expect(odd.html.match(/class="field-fault"/g)).toHaveLength(3);
    const good = { picture: 'https://x.example.com/me.png', locale: 'de', zoneinfo: 'Europe/Berlin' };
    // In the language that was chosen with it, from this page on.
    expect((await browser.press(page, 'submit', { ...fields, ...good })).html).toContain('Profil gespeichert.');
    expect(await test.app.users.get(id)).toMatchObject(good);
    expect((await browser.press(page, 'submit', { ...fields, picture: '', locale: '', zoneinfo: '' })).status).toBe(
      200,
    );
    expect(await test.app.users.get(id)).not.toHaveProperty('picture');
    expect(await test.app.users.get(id)).toMatchObject({
      firstName: 'Theodora',
      lastName: 'Mär',
      username: 'dora@example.com',
    });
  });

  it('changes the password with the present one, and signs out everywhere else', async () => {
    const { id } = await giveUser(test, 'eve@example.com');
    const elsewhere = await enter('eve@example.com');
    const { browser, page } = await enter('eve@example.com', '/account/password');
    const next = { password: 'Another#2027', password_again: 'Another#2027' };
    const wrong = await browser.press(page, 'submit', { ...next, current: 'Wrong#2026' });
    expect(wrong.html).toContain('This is not your current password.');
    const weak = await browser.press(page, 'submit', { current: PASSWORD, password: 'weak', password_again: 'other' });
    expect([weak.status, weak.html.includes('do not match')]).toEqual([400, true]);
    expect(weak.html).toMatch(/data-pattern="\^\.\{8,\}"[\s\S]*8 characters or more/);
    const changed = await browser.press(page, 'submit', { ...next, current: PASSWORD });
    expect(changed.html).toContain('Password changed.');
    expect((await elsewhere.browser.open(at('/account'))).html).toContain('login-submit');
    expect((await browser.open(at('/account'))).html).toContain('My account');
    const proof = await test.app.credentials.verify('eve@example.com', 'Another#2027', { address: '127.0.0.1' });
    expect(proof?.userId).toBe(id);
  });

  it('shows where one is signed in, and ends one or all others', async () => {
    const { id } = await giveUser(test, 'flo@example.com');
    await enter('flo@example.com');
    await enter('flo@example.com');
    const { browser } = await enter('flo@example.com');
    const page = await browser.open(at('/account/sessions'));
    expect(page.html.match(/class="row-title"/g)).toHaveLength(3);
    expect(page.html.match(/This browser/g)).toHaveLength(1);
    const [, other = ''] = /name="session" value="([^"]+)"/.exec(page.html) ?? [];
    const post = (fields: Record<string, string>, cookie = browser.cookies().join('; ')) =>
      test.http
        .post('/account/sessions')
        .set('cookie', cookie)
        .set('origin', new URL(test.issuer).origin)
        .type('form')
        .send(fields);
    const stranger = await giveUser(test, 'gus@example.com');
    const theirs = await enter('gus@example.com');
    await post({ session: other }, theirs.browser.cookies().join('; '));
    const count = (userId: string) =>
      test.app.database.connection.collection('oidc_sessions').countDocuments({ accountId: userId });
    expect(await count(id)).toBe(3);
    expect(test.inside((await post({ session: other })).headers['location'])).toBe('/account/sessions?done=session');
    expect(await count(id)).toBe(2);
    expect(test.inside((await post({})).headers['location'])).toBe('/account/sessions?done=others');
    expect([await count(id), await count(stranger.id)]).toEqual([1, 1]);
  });

  it('shows connected applications and what each sees, and disconnects one', async () => {
    const user = await giveUser(test, 'hal@example.com');
    await giveGroup(test, 'Night owls', [user.id]);
    const party = await relyingParty(test, await giveApplication(test, { name: 'Flight book', skipConsent: false }));
    const { browser, tokens } = await party.signIn({ login: 'hal@example.com', scope: 'openid profile groups' });
    const page = await browser.open(at('/account/applications'));
    expect(page.html).toContain('Flight book');
    expect(page.html).toContain('See which groups you are in');
    expect(page.html).toContain('Night owls');
    expect(page.html).not.toContain('My Account</bdi>');
    const [, application = ''] = /name="application" value="([^"]+)"/.exec(page.html) ?? [];
    await test.http
      .post('/account/applications')
      .set('cookie', browser.cookies().join('; '))
      .set('origin', new URL(test.issuer).origin)
      .type('form')
      .send({ application });
    expect((await browser.open(at('/account/applications'))).html).toContain('No applications are connected');
    const userinfo = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect(userinfo.status).toBe(401);
    expect((await browser.open((await party.start({ scope: 'openid profile groups' })).address.href)).html).toContain(
      'consent-submit',
    );
  });

  it('shows recent activity, and gives all data away', async () => {
    const user = await giveUser(test, 'ida@example.com', { firstName: 'Ida' });
    await giveGroup(test, 'Readers', [user.id]);
    const { browser } = await enter('ida@example.com');
    const activity = await browser.open(at('/account/activity'));
    for (const text of ['You signed in', 'You were added to a group', 'Your account was created'])
      expect(activity.html).toContain(text);
    const data = await browser.open(at('/account/data'));
    expect(data.headers.get('content-disposition')).toContain('my-data.json');
    expect(JSON.parse(data.html)).toMatchObject({
      user: { username: 'ida@example.com' },
      groups: [{ name: 'Readers' }],
    });
    expect(data.html).not.toMatch(/argon2|passwordHash/);
  });

  it('deletes the account once the address is typed and the sign-in is fresh', async () => {
    const { id } = await giveUser(test, 'jan@example.com');
    const { browser } = await enter('jan@example.com');
    offset = 10 * 60_000;
    const stale = await browser.open(at('/account/delete'));
    expect(stale.html).toContain('login-submit');
    offset = 0;
    const page = await browser.press(stale, 'login-submit', { login: 'jan@example.com', password: PASSWORD });
    expect(test.inside(page.address)).toBe('/account/delete');
    expect((await browser.press(page, 'submit', { username: 'other@example.com' })).status).toBe(400);
    const gone = await browser.press(page, 'submit', { username: 'Jan@Example.com' });
    expect(gone.html).toContain('Your account was deleted');
    await expect(test.app.users.get(id)).rejects.toThrow();
    expect((await browser.open(at('/account'))).html).toContain('login-submit');
  });

  it('is closed at once to somebody who is disabled, and takes no form from another site', async () => {
    const { id } = await giveUser(test, 'kim@example.com');
    const { browser } = await enter('kim@example.com');
    const foreign = await test.http
      .post('/account/profile')
      .set('cookie', browser.cookies().join('; '))
      .set('origin', 'https://evil.example.com')
      .type('form')
      .send({ first_name: 'Owned' });
    expect(foreign.status).toBe(403);
    await test.app.users.disable(system, id);
    expect((await browser.open(at('/account'))).html).toContain('login-submit');
  });
});
