import { startHouse, type TestHouse } from '../../support/app.ts';
import { startMailServer, type MailServer, type ReceivedLetter } from '../../support/mail-server.ts';

describe('a letter', () => {
  let server: MailServer;
  let test: TestHouse;
  let letters = 0;

  beforeAll(async () => {
    server = await startMailServer();
    test = await startHouse({
      settings: {
        COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}`,
        COHORT_MAIL_FROM: 'Cohort, the provider <no-reply@example.com>',
      },
    });
  });
  afterAll(async () => {
    await test.tearDown();
    await server.stop();
  });

  const post = (message: { subject: string; text: string }, traits: { to?: string; language?: string } = {}) =>
    test.house.mail.post({
      cause: `test:${(letters += 1)}`,
      to: 'ada@example.com',
      view: 'message',
      model: message,
      ...traits,
    });
  async function send(...letter: Parameters<typeof post>): Promise<ReceivedLetter> {
    await post(...letter);
    await test.house.mail.deliverDue();
    return server.letters.at(-1)!;
  }

  it('has a text part, an HTML part and the headers of a letter that nobody should answer by machine', async () => {
    const { email, recipients } = await send({ subject: 'Grüße aus Zürich', text: 'Hello Ada,\n\nsee you.\nGrace' });
    expect(recipients).toEqual(['ada@example.com']);
    expect(email).toMatchObject({
      subject: 'Grüße aus Zürich',
      from: { name: 'Cohort, the provider', address: 'no-reply@example.com' },
      to: [{ name: '', address: 'ada@example.com' }],
      messageId: expect.stringMatching(/^<[\w-]{43}@localhost>$/),
    });
    expect(email.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
    expect(Math.abs(Date.parse(email.date!) - Date.now())).toBeLessThan(60_000);
    expect(email.text!.trimEnd()).toBe(
      `Hello Ada,\n\nsee you.\nGrace\n\n-- \nThis email was sent by Cohort.\n${test.issuer}`,
    );
    expect(email.html).toContain('<html lang="en" dir="ltr">');
    expect(email.html!.replace(/\s+/g, ' ')).toMatch(/<p[^>]*> ?Hello Ada,<\/p> ?<p[^>]*> ?see you.<br>Grace<\/p>/);
  });

  it('escapes in HTML whatever somebody wrote', async () => {
    const { email } = await send({
      subject: '<b>Bobby</b> & co',
      text: '<script>alert(1)</script> "quoted" https://example.com/"onmouseover=alert(1)',
    });
    expect(email.html).not.toMatch(/<script|<b>|"onmouseover/);
    expect(email.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(email.html).toContain('<title>&lt;b&gt;Bobby&lt;/b&gt; &amp; co</title>');
    expect(email.text).toContain('<script>alert(1)</script>');
    expect(email.subject).toBe('<b>Bobby</b> & co');
  });

  it('makes web addresses clickable, only those that lead where they seem to', async () => {
    const { email } = await send({
      subject: 'Links',
      text: [
        'See https://example.com/a?b=1&c=2.',
        '(https://example.com/Cohort_(aviation))',
        'javascript:alert(1) data:text/html,x ftp://example.com',
        'https://bank.example@evil.example/ https://',
      ].join('\n'),
    });
    expect(email.html).toContain('c=2</a>.<br>');
    const links = [...email.html!.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(['https://example.com/a?b=1&amp;c=2', 'https://example.com/Cohort_(aviation)', test.issuer]);
  });

  it('keeps its subject on one line, whatever is in it', async () => {
    const { email, raw } = await send({
      subject: 'Hello\r\nBcc: eve@example.com\n\nbody\u2028more \u202Edne',
      text: 'Hello',
    });
    expect(email.subject).toBe('Hello Bcc: eve@example.com body more dne');
    expect(email.bcc).toBeUndefined();
    expect(raw).not.toMatch(/^Bcc:/m);
  });

  it('takes a subject for what it is, also when it looks like a placeholder', async () => {
    const { email } = await send({ subject: '{{text}} $t(mail.foot)', text: 'secret' });
    expect(email.subject).toBe('{{text}} $t(mail.foot)');
  });

  it.each([
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@example.com>',
    'ada@example.com\u0000',
    'ada',
    '',
  ])('is not posted to what is not one address: %j', async (to) => {
    await expect(post({ subject: 'Hello', text: 'Hello' }, { to })).rejects.toThrow();
  });

  it('is read from right to left in a language that is', async () => {
    const { email } = await send({ subject: 'مرحبا', text: 'مرحبا آدا' }, { language: 'ar' });
    expect(email.html).toContain('<html lang="ar" dir="rtl">');
    expect(email.subject).toBe('مرحبا');
    expect(email.text).not.toContain('This email was sent by Cohort.');
  });
});
