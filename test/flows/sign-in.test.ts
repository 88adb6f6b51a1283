import { setTimeout as pause } from 'node:timers/promises';
import { everybody } from '../../src/directory/users/user-search.ts';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('signing in', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let asking: Awaited<ReturnType<typeof relyingParty>>;

  beforeAll(async () => {
    test = await startApp();
    party = await relyingParty(test, await giveApplication(test));
    asking = await relyingParty(test, await giveApplication(test, { skipConsent: false, name: 'Curious <b>app</b>' }));
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  const browser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  const open = async () => {
    const { address } = await party.start();
    const plain = browser();
    return { plain, page: await plain.open(address.href) };
  };

  it('tells apart neither a wrong password, an unknown address, an invited, nor a disabled user', async () => {
    const disabled = await giveUser(test, 'disabled@example.com');
    await test.app.users.disable(system, disabled.id);
    const invited = {
      username: 'invited@example.com',
      first_name: '',
      last_name: '',
      kind: 'customer',
      custom_data: {},
    } as const;
    await test.app.users.create(system, invited);
    const answers = [];
    for (const login of [
      'ada@example.com',
      'nobody@example.com',
      'disabled@example.com',
      'invited@example.com',
      'not an address',
    ]) {
      const { plain, page } = await open();
      const password = login.startsWith('disabled') ? PASSWORD : 'Wrong#2026';
      const answer = await plain.press(page, 'login-submit', { login, password });
      answers.push({
        status: answer.status,
        html: answer.html.replaceAll(login, 'X').replace(/(interaction\/|from=)[\w.-]+|data-options="[^"]*"/g, ''),
      });
    }
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ html }) => html)).size).toBe(1);
  });

  it('leaves a note of each failure in the audit log, and nothing of what was typed', async () => {
    const { id } = await giveUser(test, 'target@example.com');
    const events = test.app.database.connection.collection('audit_events');
    await events.deleteMany({});
    for (const login of ['Target@example.com ', 'Oops#I-typed-my-password', 'nobody@example.com']) {
      const { plain, page } = await open();
      await plain.press(page, 'login-submit', { login, password: 'Wrong#2026' });
    }
    // They are written behind the answers.
    while ((await events.countDocuments({ action: 'user.sign_in_failed' })) < 3) await pause(10);
    const noted = await events.find({ action: 'user.sign_in_failed' }).sort({ at: 1 }).toArray();
    expect(noted.map(({ target }) => target as unknown)).toEqual([
      expect.objectContaining({ kind: 'user', id, name: 'target@example.com' }),
      expect.objectContaining({ kind: 'application', name: 'Flight plans' }),
      expect.objectContaining({ kind: 'application', name: 'Flight plans' }),
    ]);
    expect(noted[0]).toMatchObject({ actor: { kind: 'system' }, address: expect.stringMatching(/127\.0\.0\.1/) });
    expect(JSON.stringify(noted)).not.toMatch(/Oops|Wrong#|nobody/);
  });

  it('keeps what was typed, escaped, and never the password', async () => {
    const { plain, page } = await open();
    const answer = await plain.press(page, 'login-submit', {
      login: '"><script>alert(1)</script>',
      password: 'Secret#2026',
    });
    expect(answer.html).toContain('&lt;script&gt;');
    expect(answer.html).not.toContain('<script>alert');
    expect(answer.html).not.toContain('Secret#2026');
  });

  it('takes the address in any case and with space around it', async () => {
    const { plain, page } = await open();
    expect(
      (await plain.press(page, 'login-submit', { login: ' ADA@Example.COM ', password: PASSWORD })).address,
    ).toContain('code=');
  });

  it('lets the page lead to the application and nowhere else (form-action)', async () => {
    const { page } = await open();
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("form-action 'self' https://app.example.com");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a form that another site sends', async () => {
    const { page } = await open();
    const action = test.inside(page.address)!;
    for (const headers of [
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const reply = await test.http
        .post(`${action}/login`)
        .set(headers)
        .type('form')
        .send({ login: 'ada@example.com', password: PASSWORD });
      expect(reply.status).toBe(403);
    }
  });

  it('says kindly that a sign-in is over when its cookie is gone', async () => {
    const { page } = await open();
    const reply = await test.http.get(test.inside(page.address)!).set('accept', 'text/html');
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('<h1');
  });

  it('goes back to the application when somebody cancels', async () => {
    const { plain, page } = await open();
    const back = new URL((await plain.press(page, 'cancel')).address);
    expect(back.origin).toBe('https://app.example.com');
    expect(back.searchParams.get('error')).toBe('access_denied');
  });

  it('waits after too many failures, says for how long, and starts afresh after a success', async () => {
    const strict = await startApp({ settings: { COHORT_SIGN_IN_ATTEMPTS: '3' } });
    try {
      const strictParty = await relyingParty(strict, await giveApplication(strict));
      await giveUser(strict, 'ada@example.com');
      const attempt = async (password: string) => {
        const plain = browser();
        return plain.press(await plain.open((await strictParty.start()).address.href), 'login-submit', {
          login: 'ada@example.com',
          password,
        });
      };
      expect((await attempt('Wrong#1')).status).toBe(401);
      expect((await attempt('Wrong#1')).status).toBe(401);
      expect((await attempt(PASSWORD)).address).toContain('code=');
      for (let i = 0; i < 3; i += 1) expect((await attempt('Wrong#1')).status).toBe(401);
      const limited = await attempt(PASSWORD);
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await strict.tearDown();
    }
  });

  describe('consent', () => {
    it('is asked once, names what will be read, and is remembered in another browser', async () => {
      const plain = browser();
      const { address } = await asking.start({ scope: 'openid profile groups' });
      const signIn = await plain.open(address.href);
      const consent = await plain.press(signIn, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
      expect(consent.html).toContain('consent-submit');
      expect(consent.html).toContain('Curious &lt;b&gt;app&lt;/b&gt;');
      expect(consent.html).toContain('See which groups you are in');
      expect((await plain.press(consent, 'consent-submit')).address).toContain('code=');

      const elsewhere = browser();
      const again = await elsewhere.open((await asking.start({ scope: 'openid groups' })).address.href);
      expect(
        (await elsewhere.press(again, 'login-submit', { login: 'ada@example.com', password: PASSWORD })).address,
      ).toContain('code=');

      const wider = await elsewhere.open((await asking.start({ scope: 'openid groups roles' })).address.href);
      expect(wider.html).toContain('consent-submit');
      expect(wider.html).toContain('See your roles');
      expect(wider.html).not.toContain('See which groups you are in');
    });

    it('can be refused', async () => {
      const plain = browser();
      await giveUser(test, 'joan@example.com');
      const page = await plain.open((await asking.start()).address.href);
      const consent = await plain.press(page, 'login-submit', { login: 'joan@example.com', password: PASSWORD });
      const back = new URL((await plain.press(consent, 'cancel')).address);
      expect(back.searchParams.get('error')).toBe('access_denied');
    });
  });

  describe('with a temporary password', () => {
    it('asks for a new one before anything is issued, keeps the rules, and does not ask again', async () => {
      const token = await adminToken(test);
      const created = await test.http
        .post('/v1/users')
        .set('authorization', `Bearer ${token}`)
        .send({ username: 'grace@example.com', temporary_password: 'Wander#2026' });
      expect(created.body.result).toMatchObject({ status: 'active', password_is_temporary: true });
      const plain = browser();
      const page = await plain.open((await party.start()).address.href);
      const step = await plain.press(page, 'login-submit', { login: 'grace@example.com', password: 'Wander#2026' });
      expect(step.html).toContain('password_again');

      const jumped = await plain.open((await party.start()).address.href);
      expect(jumped.html).toContain('password_again');

      const weak = await plain.press(jumped, 'submit', { password: 'weak', password_again: 'weak' });
      expect(weak.status).toBe(400);
      const different = await plain.press(weak, 'submit', { password: 'Voyage#2026', password_again: 'Voyage#2027' });
      expect(different.status).toBe(400);
      const same = await plain.press(different, 'submit', { password: 'Wander#2026', password_again: 'Wander#2026' });
      expect(same.status).toBe(400);
      expect(
        (await plain.press(same, 'submit', { password: 'Voyage#2026', password_again: 'Voyage#2026' })).address,
      ).toContain('code=');

      const next = browser();
      const again = await next.open((await party.start()).address.href);
      expect(
        (await next.press(again, 'login-submit', { login: 'grace@example.com', password: 'Voyage#2026' })).address,
      ).toContain('code=');
    });
  });

  describe('somebody who is out is out at once:', () => {
    const everythingFails = async (
      tokens: { access_token: string; refresh_token?: string },
      plain: ReturnType<typeof browser>,
    ) => {
      expect((await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`)).status).toBe(401);
      await expect(
        import('openid-client').then((client) => client.refreshTokenGrant(party.config, tokens.refresh_token!)),
      ).rejects.toMatchObject({ error: 'invalid_grant' });
      const introspected = await import('openid-client').then((client) =>
        client.tokenIntrospection(party.config, tokens.access_token),
      );
      expect(introspected).toEqual({ active: false });
      expect((await plain.open((await party.start()).address.href)).html).toContain('login-submit');
    };

    it('disabled', async () => {
      const vera = await giveUser(test, 'vera@example.com');
      const { tokens, browser: plain } = await party.signIn({
        login: 'vera@example.com',
        scope: 'openid offline_access',
      });
      await test.app.users.disable(system, vera.id);
      await everythingFails(tokens, plain);
      await test.app.users.enable(system, vera.id);
      expect((await party.signIn({ login: 'vera@example.com' })).idToken.sub).toBe(vera.id);
    });

    it('disabled by a node that was killed before it ended anything, also when they are enabled again', async () => {
      const { id } = await giveUser(test, 'vic@example.com');
      const { tokens, browser: plain } = await party.signIn({
        login: 'vic@example.com',
        scope: 'openid offline_access',
      });
      const people = test.app.database.connection.collection<{ _id: string; status: string }>('users');
      await people.updateOne({ _id: id }, { $set: { status: 'disabled' } });
      // This node hears of it from the database.
      await pause(CURRENT_MS);
      await everythingFails(tokens, plain);
      await test.app.users.enable(system, id);
      await everythingFails(tokens, plain);
    });

    it('deleted, with everything of theirs', async () => {
      const rosa = await giveUser(test, 'rosa@example.com');
      const group = await giveGroup(test, 'Leavers', [rosa.id]);
      const { tokens, browser: plain } = await party.signIn({
        login: 'rosa@example.com',
        scope: 'openid offline_access',
      });
      await test.app.users.remove(system, rosa.id);
      await everythingFails(tokens, plain);
      expect((await test.app.memberships.membersOf(group.id, everybody, { list: '', limit: 10 })).items).toEqual([]);
      const { connection } = test.app.database;
      const names = (await connection.db!.listCollections().toArray())
        .map(({ name }) => name)
        .filter((name) => name !== 'audit_events');
      for (const name of names)
        expect(JSON.stringify(await connection.collection(name).find().toArray())).not.toContain(rosa.id);
    });

    it('given a temporary password by an administrator', async () => {
      const mary = await giveUser(test, 'mary@example.com');
      const { tokens, browser: plain } = await party.signIn({
        login: 'mary@example.com',
        scope: 'openid offline_access',
      });
      await test.app.credentials.setTemporary(system, mary.id, 'Wander#2026');
      await everythingFails(tokens, plain);
    });
  });

  it('replaces a hash whose parameters have grown, at the next sign-in', async () => {
    const hashOf = async () =>
      (await test.app.database.connection.collection('users').findOne({ username: 'ada@example.com' }))!['secret']
        .passwordHash as string;
    const before = await hashOf();
    const stronger = await startApp({ uri: test.uri, settings: { COHORT_ARGON2_MEMORY_KIB: '2048' } });
    try {
      expect(
        await stronger.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' }),
      ).toBeDefined();
      expect(before).toContain('m=1024');
      expect(await hashOf()).toContain('m=2048');
    } finally {
      await stronger.app.stop();
    }
  });
});
