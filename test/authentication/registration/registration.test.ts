import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { emailsTo, linkTo, noted, pathIn } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

const HOUR = 3600_000;
const TERMS = 'https://example.com/terms';

describe('somebody without an account', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let time = Date.now();

  beforeAll(async () => {
    test = await startApp({
      now: () => new Date(time),
      settings: { COHORT_SELF_REGISTRATION: 'open', COHORT_TERMS_URL: TERMS },
    });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());

  const fieldsOf = (email: string, password = PASSWORD) => ({
    email,
    first_name: 'Ada',
    last_name: 'Lovelace',
    password,
    password_again: password,
    terms: 'yes',
  });
  const register = (email: string, traits: object = {}) =>
    test.http
      .post('/register')
      .type('form')
      .send({ ...fieldsOf(email), ...traits });
  const confirm = (link: string, password = PASSWORD) => test.http.post(link).type('form').send({ password });
  const collection = (name: string) => test.app.database.connection.collection(name);
  const people = (username: string) => collection('users').countDocuments({ username });

  it.each([
    ['from the sign-in page', {}],
    ['sent by the application (prompt=create)', { prompt: 'create' }],
  ])('registers, confirms, and is back at the application: %s', async (name, parameters) => {
    const email = `ada-${name.length}@example.com`;
    const plain = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const request = await party.start({ scope: 'openid groups profile', parameters });
    let form = await plain.open(request.address.href);
    if (!('prompt' in parameters)) {
      const [, href = ''] = /href="([^"]*)">Create an account/.exec(form.html) ?? [];
      form = await plain.open(`${test.issuer}${href}`);
    }
    expect(form.html).toContain(`href="${TERMS}"`);
    const sent = await plain.press(form, 'submit', fieldsOf(email));
    expect(sent).toMatchObject({ status: 200, html: expect.stringContaining(email) });
    expect(await people(email)).toBe(0);

    // In another browser: the email may be opened on a phone.
    const phone = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await phone.open(`${test.issuer}${await linkTo(test, email)}`);
    expect(await people(email)).toBe(0);
    const ready = await phone.press(page, 'submit', { password: PASSWORD });
    const [, onward = ''] = /id="continue" href="(\/auth[^"]*)"/.exec(ready.html) ?? [];
    const signIn = await phone.open(`${test.issuer}${onward.replaceAll('&amp;', '&')}`);
    expect(signIn.html).toContain(`value="${email}"`);
    const visit = await phone.press(signIn, 'login-submit', { login: email, password: PASSWORD });
    const tokens = await party.redeem({ ...request, visit });
    expect(tokens.claims()).toMatchObject({ groups: [] });

    const [user] = await collection('users').find({ username: email }).toArray();
    expect(user).toMatchObject({ kind: 'customer', status: 'active', firstName: 'Ada', lastName: 'Lovelace' });
    const agreed = await collection('terms_agreements').findOne({ _id: user!._id });
    expect(agreed).toMatchObject({ terms: TERMS, agreedAt: new Date(time) });
    const data = await phone.open(`${test.issuer}/account/data`);
    expect(JSON.parse(data.html)).toMatchObject({ terms: { address: TERMS, agreed_at: Math.floor(time / 1000) } });
    expect(await noted(test, email)).toEqual(expect.arrayContaining(['user.created', 'user.registered']));
  });

  it('is told in the discovery document that registration can be asked for', async () => {
    const { body } = await test.http.get('/.well-known/openid-configuration');
    expect(body.prompt_values_supported).toEqual(['none', 'login', 'consent', 'select_account', 'create']);
  });

  it('goes to My Account when they came from nowhere, and never to an address of somebody else', async () => {
    for (const path of ['/register', '/register?from=https%3A%2F%2Fevil.example.com', '/register?from=nobody']) {
      const email = `solo-${path.length}@example.com`;
      await test.http.post(path).type('form').send(fieldsOf(email));
      const ready = await confirm(await linkTo(test, email));
      expect(ready.text).toContain('id="continue" href="/account"');
      expect(ready.text).not.toContain('evil');
    }
  });

  it('sees the same page with an address that has an account, whose owner gets an email that says so', async () => {
    await giveUser(test, 'known@example.com');
    const pages = [];
    for (const email of ['known@example.com', 'fresh@example.com']) {
      const { status, text } = await register(email);
      pages.push(`${status} ${text.replaceAll(email, 'X')}`);
    }
    expect(new Set(pages).size).toBe(1);
    const emails = await emailsTo(test, 'known@example.com');
    expect(emails.map(({ subject }) => subject)).toEqual(['You already have an account']);
    expect(emails[0]!.text).toContain(`${test.issuer}/recover`);
    expect(await collection('pending_registrations').countDocuments({ username: 'known@example.com' })).toBe(0);
  });

  it('is told all faults at once and keeps what they typed, but for the password', async () => {
    const faulty = { first_name: 'Grace\u0000', password: 'Secret', password_again: 'Secret2', terms: '' };
    const { status, text } = await register('no address', faulty);
    expect(status).toBe(400);
    for (const shown of ['5 fields', 'such as ada@example.com', 'is not allowed', 'does not meet all', 'do not match'])
      expect(text).toContain(shown);
    expect(text).toContain('You must accept the terms');
    expect(text).toContain('value="no address"');
    expect(text).toContain('value="Lovelace"');
    expect(text).not.toContain('Secret');
    expect(
      (await register('grace@example.com', { password: 'Password1!', password_again: 'Password1!' })).text,
    ).toContain('This is a common password');
  });

  it('does not get an account without the password that was chosen with it', async () => {
    // Eve asks for an account with Ada's address and waits for Ada to confirm it.
    await register('victim@example.com', fieldsOf('victim@example.com', 'Eve#knows#2026'));
    const link = await linkTo(test, 'victim@example.com');
    const { status, text } = await confirm(link, PASSWORD);
    expect(status).toBe(400);
    expect(text).toContain('This is not the password you chose');
    expect(await people('victim@example.com')).toBe(0);
  });

  it('can be registered twice before confirming; the first to confirm wins, and the other link says so', async () => {
    await register('twice@example.com');
    await register('twice@example.com', fieldsOf('twice@example.com', 'Voyage#2026'));
    const links = (await emailsTo(test, 'twice@example.com')).map(({ text }) => pathIn(test, text));
    expect(links).toHaveLength(2);
    const replies = [];
    for (const link of links) for (const word of [PASSWORD, 'Voyage#2026']) replies.push(await confirm(link, word));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.at(-1)!.text).toContain('This email already has an account');
    expect(await people('twice@example.com')).toBe(1);
    expect(await collection('pending_registrations').countDocuments({ username: 'twice@example.com' })).toBe(0);
  });

  it('confirms once, with fifty at once of two links', async () => {
    await register('race@example.com');
    await register('race@example.com');
    const links = (await emailsTo(test, 'race@example.com')).map(({ text }) => pathIn(test, text));
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => confirm(links[index % 2]!)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 400)).toHaveLength(49);
    expect(await people('race@example.com')).toBe(1);
  });

  it('loses to an account that was made for the address meanwhile', async () => {
    await register('slow@example.com');
    const link = await linkTo(test, 'slow@example.com');
    await giveUser(test, 'slow@example.com');
    const { status, text } = await confirm(link);
    expect(status).toBe(400);
    expect(text).toContain('This email already has an account');
  });

  it('has 24 hours; then nothing of it is left to confirm', async () => {
    await register('late@example.com');
    const link = await linkTo(test, 'late@example.com');
    time += 24 * HOUR - 1;
    expect((await test.http.get(link)).status).toBe(200);
    time += 1;
    const { status, text } = await confirm(link);
    expect(status).toBe(400);
    expect(text).toContain('Confirmation links are valid for 24 hours');
    expect(text).toContain('href="/register"');
    expect(await people('late@example.com')).toBe(0);
  });

  it('is told kindly when the link is used, or cut off', async () => {
    await register('done@example.com');
    const link = await linkTo(test, 'done@example.com');
    expect((await confirm(link)).status).toBe(200);
    expect((await confirm(link)).text).toContain('Your account is already confirmed');
    expect((await test.http.get(link.slice(0, -1))).text).toContain('This link is incomplete');
  });

  it('leaves no half account when a node dies between any two steps', async () => {
    await register('crash@example.com');
    const { registration } = test.app;
    const second = await startApp({
      uri: test.uri,
      now: () => new Date(time),
      settings: { COHORT_ISSUER: test.issuer, COHORT_SELF_REGISTRATION: 'open' },
    });
    const stopped = AbortSignal.abort();
    await registration.answerAll(stopped);
    expect(await collection('links').countDocuments({ by: 'crash@example.com' })).toBe(0);
    await second.app.registration.answerAll();
    await second.app.stop();
    const link = await linkTo(test, 'crash@example.com');
    const events = 'audit_events';
    const { db } = test.app.database.connection;
    await db!.command({ collMod: events, validator: { action: { $ne: 'user.registered' } } });
    expect((await confirm(link)).status).toBe(500);
    expect(await people('crash@example.com')).toBe(0);
    await db!.command({ collMod: events, validator: {} });
    expect((await confirm(link)).status).toBe(200);
    expect(await people('crash@example.com')).toBe(1);
  });
});

describe('where accounts', () => {
  const offers = async (test: TestApp) => {
    const party = await relyingParty(test, await giveApplication(test));
    const page = await createPlainBrowser().open((await party.start()).address.href);
    return page.html.includes('Create an account');
  };

  it('are not for everybody to create, nothing offers it', async () => {
    const test = await startApp();
    try {
      expect(await offers(test)).toBe(false);
      expect((await test.http.get('/register')).status).toBe(404);
      expect((await test.http.post('/register').type('form').send({})).status).toBe(404);
      const { body } = await test.http.get('/.well-known/openid-configuration');
      expect(body.prompt_values_supported).not.toContain('create');
    } finally {
      await test.tearDown();
    }
  });

  it('are for the addresses of some domains, others are told', async () => {
    const test = await startApp({ settings: { COHORT_SELF_REGISTRATION: 'example.com example.org' } });
    try {
      expect(await offers(test)).toBe(true);
      const register = (email: string) =>
        test.http.post('/register').type('form').send({ email, password: PASSWORD, password_again: PASSWORD });
      for (const email of ['ada@example.com', 'ada@EXAMPLE.org']) expect((await register(email)).status).toBe(200);
      for (const email of ['ada@sub.example.com', 'ada@example.com.evil.example', 'ada@badexample.com']) {
        const { status, text } = await register(email);
        expect(status).toBe(400);
        expect(text).toContain('with an email at example.com, example.org');
      }
    } finally {
      await test.tearDown();
    }
  });
});
