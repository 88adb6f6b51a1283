import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { asciiEmail, canonicalEmail } from '../../../config/email-address.ts';
import { adminToken, PASSWORD, startApp, type TestApp } from '../../support/app.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { deliverEmails } from '../../support/emails.ts';
import { startMailServer, type MailServer } from '../../support/mail-server.ts';
import { importText } from '../../administration/import-export/files.ts';

const ADDRESS = '192.0.2.9';
const UNICODE = 'user@münchen.example';
const ASCII = 'user@xn--mnchen-3ya.example';
const FORMS = [
  UNICODE,
  ASCII,
  'USER@MÜNCHEN.Example',
  'User@XN--Mnchen-3YA.example',
  'user@mu\u0308nchen.example',
  'user@münchen。example',
];

/** A domain in Unicode and its A-label are one domain, whichever of the two a browser, a file or a service sends. */
describe('an email with an internationalized domain', () => {
  let test: TestApp;
  let token: string;
  let mail: MailServer;
  let wire: Server;
  const lines: string[] = [];
  beforeAll(async () => {
    mail = await startMailServer();
    // What stands on the wire; the server itself shows domains in Unicode.
    wire = createServer((socket) => {
      const onward = connect(mail.port, '127.0.0.1');
      socket.on('data', (bytes) => lines.push(...bytes.toString('latin1').split('\r\n')));
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
    const { port } = wire.address() as AddressInfo;
    const settings = {
      COHORT_SMTP_URL: `smtp://127.0.0.1:${port}`,
      COHORT_MAIL_FROM: 'Cohort <cohort@köln.example>',
      COHORT_SELF_REGISTRATION: 'MÜNCHEN.example xn--kln-sna.example',
    };
    test = await startApp({ settings });
    token = await adminToken(test);
    const created = await send('/v1/users', { username: ASCII, password: PASSWORD });
    expect([created.status, created.body.result.username]).toEqual([201, UNICODE]);
  });
  afterAll(async () => {
    await test.tearDown();
    wire.close();
    await mail.stop();
  });

  const send = (path: string, body: object) => test.http.post(path).set('authorization', `Bearer ${token}`).send(body);
  const get = (path: string, query: object) => test.http.get(path).query(query).set('authorization', `Bearer ${token}`);
  /** Who the envelope of the last email names. */
  const lastRecipient = async () => {
    await deliverEmails(test);
    const line = lines.findLast((one) => one.startsWith('RCPT TO:'));
    return /<(.*)>/.exec(line ?? '')?.[1];
  };

  it.each(FORMS)('is one user as %s', async (form) => {
    expect((await send('/v1/users', { username: form })).body.code).toBe('username_taken');
    const proof = await test.app.credentials.verify(form, PASSWORD, { address: ADDRESS });
    expect(proof).toBeDefined();
    for (const query of [{ username: form }, { q: form }]) {
      const { body } = await get('/v1/users', query);
      expect(body.result.map(({ username }: { username: string }) => username)).toEqual([UNICODE]);
    }
    expect((await get('/v1/audit-events', { target_name: form })).body.result.length).toBeGreaterThan(0);
    const { counts } = await importText(test, 'users', JSON.stringify({ username: form }));
    expect(counts).toMatchObject({ unchanged: 1, created: 0 });
  });

  it('gets its emails at the A-label, from one', async () => {
    for (const form of FORMS) {
      await test.http.post('/recover').type('form').send({ email: form });
      expect(await lastRecipient()).toBe(ASCII);
      const { to, from } = mail.emails.at(-1)!.email;
      expect([to?.[0]?.address, from?.address]).toEqual([ASCII, 'cohort@xn--kln-sna.example']);
    }
    expect(lines).toContain('MAIL FROM:<cohort@xn--kln-sna.example>');
    expect(mail.emails).toHaveLength(FORMS.length);
    await send('/v1/users', { username: 'invited@xn--mnchen-3ya.example', send_invitation: true }).expect(201);
    expect(await lastRecipient()).toBe('invited@xn--mnchen-3ya.example');
  });

  it('may sign up where its domain may, in either form', async () => {
    const browser = createPlainBrowser();
    const fields = { first_name: 'A', last_name: 'B', password: PASSWORD, password_again: PASSWORD };
    for (const [index, domain] of ['xn--mnchen-3ya.example', 'KÖLN.example'].entries()) {
      const form = await browser.open(`${test.issuer}/register`);
      const page = await browser.press(form, 'submit', { ...fields, email: `new${index}@${domain}` });
      expect(page.status).toBe(200);
      expect(await lastRecipient()).toBe(asciiEmail(canonicalEmail(`new${index}@${domain}`)!));
    }
    const form = await browser.open(`${test.issuer}/register`);
    expect((await browser.press(form, 'submit', { ...fields, email: 'a@münchen.test' })).status).toBe(400);
  });
});

describe('an email', () => {
  it.each([
    ['o/u%x+{tag}@example.com', 'o/u%x+{tag}@example.com'],
    ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    ['a@faß.example', 'a@faß.example'],
    ['a@例え.テスト', 'a@例え.テスト'],
    ['a@пример.рф', 'a@пример.рф'],
    ['a@xn--e1afmkfd.xn--p1ai', 'a@пример.рф'],
    // Two scripts in one label imitate a third.
    ['a@p\u0430ypal.com', 'a@xn--pypal-4ve.com'],
    ['a@xn--pypal-4ve.com', 'a@xn--pypal-4ve.com'],
  ])('%s has the one form %s', (typed, form) => {
    expect(canonicalEmail(typed)).toBe(form);
    expect(canonicalEmail(form)).toBe(form);
    expect(canonicalEmail(asciiEmail(form))).toBe(form);
    expect(asciiEmail(form)).toMatch(/^[\x21-\x7e]+$/);
  });

  it.each([
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(126)}com`,
    `a@${'ü'.repeat(60)}.com`,
    '.a@example.com',
    'a.@example.com',
    'a..b@example.com',
    'a b@example.com',
    '"a b"@example.com',
    'a@b@example.com',
    'ü@example.com',
    'a@localhost',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    'a@1.2',
    'a@example.com.',
    'a@.example.com',
    'a@-a.example',
    'a@a_b.example',
    'a@ex%61mple.com',
    'a@example.com/x',
    'a@example.com:25',
    'a@exa\u2028mple.com',
    'a@example.com\r\nBcc: b@example.com',
    '@example.com',
    'a@',
    '',
  ])('%j is none', (typed) => expect(canonicalEmail(typed)).toBeUndefined());
});
