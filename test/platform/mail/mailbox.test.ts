import { PassThrough } from 'node:stream';
import { createLog } from '../../../src/platform/http/log.ts';
import { createMailbox } from '../../../src/platform/mail/mailbox.ts';
import { createMailboxStore } from '../../../src/platform/mail/mailbox.mongo.ts';
import { startApp, type TestApp } from '../../support/app.ts';

const email = {
  cause: 'invitation:1',
  to: 'ada@example.com',
  view: 'message',
  model: {
    subject: 'Hello <Ada>',
    text: 'Follow https://example.com/link?a=1&b=2 and </pre><script>alert(1)</script>',
  },
};

describe('the mailbox for development', () => {
  let test: TestApp;

  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(async () => {
    await test.tearDown();
  });

  it('says that it is empty as long as it is', async () => {
    const { status, text } = await test.http.get('/dev/mail');
    expect(status).toBe(200);
    expect(text).toContain('No emails yet.');
  });

  it('lists what would have been sent, and shows it with its headers and both parts', async () => {
    await test.app.mail.post(email);
    await test.app.mail.deliverDue();
    const list = (await test.http.get('/dev/mail')).text;
    expect(list).toContain('Hello &lt;Ada&gt;');
    expect(list).toContain('ada@example.com');

    const [, href = ''] = /href="(\/dev\/mail\/[\w-]{43})"/.exec(list) ?? [];
    const { text, headers } = await test.http.get(href);
    for (const shown of ['Cohort &lt;no-reply@localhost&gt;', 'ada@example.com', `${href.slice(10)}@localhost`])
      expect(text).toContain(shown);
    expect(text).toContain('<a href="https://example.com/link?a=1&amp;b=2">');
    expect(text).not.toContain('<script>alert(1)');
    const [, frame = ''] = /<iframe [^>]*?srcdoc="([^"]*)"/.exec(text) ?? [];
    expect(frame).toContain('&amp;lt;script&amp;gt;');
    expect(text).not.toMatch(/sandbox="[^"]*allow-(scripts|same-origin)/);
    expect(headers['content-security-policy']).toContain("script-src 'self';");
  });

  it('lets styles into the page with the email only', async () => {
    const policy = (await test.http.get('/dev/mail')).headers['content-security-policy'];
    expect(policy).toContain("style-src 'self';");
  });

  it('says in the log to whom and about what, and not a word of the email', async () => {
    const lines = new PassThrough();
    const store = createMailboxStore(test.app.database.connection);
    const { send } = createMailbox({ store, log: createLog('info', { destination: lines }) });
    const written = {
      id: 'x',
      messageId: '<x@localhost>',
      postedAt: new Date(),
      to: 'ada@example.com',
      subject: 'Hello',
    };
    await send({ ...written, text: 'secret', html: 'secret' }, AbortSignal.timeout(1000));
    const { level, time, ...line } = JSON.parse(String(lines.read())) as Record<string, unknown>;
    expect([level, typeof time]).toEqual(['info', 'string']);
    expect(line).toEqual({
      to: 'ada@example.com',
      subject: 'Hello',
      msg: 'stored an email in the development mailbox at /dev/mail',
    });
  });

  it('forgets emails after seven days', async () => {
    const indexes = await test.app.database.connection.collection('mailbox').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ expireAfterSeconds: 7 * 24 * 3600 }));
  });

  it('has no page for an email that it has not', async () => {
    expect((await test.http.get('/dev/mail/nothing')).status).toBe(404);
  });

  it.each([
    ['the issuer is a public address', { COHORT_ISSUER: 'https://id.example.com' }],
    ['there is a mail server', { COHORT_SMTP_URL: 'smtp://127.0.0.1:2525' }],
  ])('is not there when %s', async (_, settings) => {
    const other = await startApp({ settings });
    expect((await other.http.get('/dev/mail')).status).toBe(404);
    await other.tearDown();
  });

  it('keeps emails in the outbox, encrypted, when they can neither leave nor be shown', async () => {
    const other = await startApp({ settings: { COHORT_ISSUER: 'https://id.example.com' } });
    await other.app.mail.post(email);
    await other.app.mail.deliverDue();
    const { connection } = other.app.database;
    expect(await connection.collection('outbox').findOne()).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await connection.collection('mailbox').countDocuments()).toBe(0);
    await other.tearDown();
  });
});
