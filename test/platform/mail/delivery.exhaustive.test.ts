import { createOutbox } from '../../../src/platform/mail/outbox.mongo.ts';
import { freePort } from '../../../src/platform/free-port.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { startMailServer, type MailServer } from '../../support/mail-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-21T08:00:00Z');

describe('the outbox', () => {
  let server: MailServer;
  let test: TestApp;
  let second: TestApp;
  let time = START;
  const now = () => new Date(time);
  const refused = new Map<string, number>();

  beforeAll(async () => {
    server = await startMailServer({
      onRcptTo({ address }, _session, done) {
        const responseCode = refused.get(address);
        done(responseCode ? Object.assign(new Error('No such mailbox'), { responseCode }) : null);
      },
    });
    test = await startApp({ now, settings: { COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
    second = await startApp({
      now,
      uri: test.uri,
      settings: { COHORT_ISSUER: test.issuer, COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` },
    });
  });
  afterAll(async () => {
    await second.app.stop();
    await test.tearDown();
    await server.stop();
  });
  beforeEach(async () => {
    time = START;
    server.emails.length = 0;
    refused.clear();
    await outbox().deleteMany({});
  });

  const outbox = () => test.app.database.connection.collection<{ _id: string }>('outbox');
  const emailTo = (to: string, cause = `test:${to}`) => ({
    cause,
    to,
    view: 'message',
    model: { subject: 'Hello', text: 'How are you?' },
  });
  const arrived = () => server.emails.flatMap(({ recipients }) => recipients);

  it('sends what was posted, once, and then remembers no more than that it did', async () => {
    await test.app.mail.post(emailTo('ada@example.com', 'invitation:1'));
    const [posted] = await outbox().find().toArray();
    expect(JSON.stringify(posted)).not.toMatch(/ada@example|How are you/);
    await test.app.mail.deliverDue();
    await test.app.mail.deliverDue();
    expect(arrived()).toEqual(['ada@example.com']);
    const thirtyDays = new Date(START + 30 * 24 * HOUR);
    expect(await outbox().find().toArray()).toEqual([
      {
        _id: posted!._id,
        view: 'message',
        isBulk: false,
        status: 'sent',
        attempt: 1,
        postedAt: now(),
        forgetAt: thirtyDays,
      },
    ]);
    const indexes = await outbox().indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { forgetAt: 1 }, expireAfterSeconds: 0 }));
  });

  it('posts the same cause once, also from fifty transactions at the same time, and lets all of them succeed', async () => {
    const { transact } = test.app.database;
    const racers = Array.from({ length: 50 }, (_, racer) => (racer % 2 === 0 ? test : second).app);
    await Promise.all(
      racers.map(({ database, mail }) => database.transact(() => mail.post(emailTo('ada@example.com')))),
    );
    await transact(() => test.app.mail.post(emailTo('ada@example.com')));
    await Promise.all([test.app.mail.deliverDue(), second.app.mail.deliverDue()]);
    await test.app.mail.post(emailTo('ada@example.com'));
    await test.app.mail.deliverDue();
    expect(arrived()).toEqual(['ada@example.com']);
  });

  it('posts nothing when the transaction around it fails', async () => {
    const work = async () => {
      await test.app.mail.post(emailTo('ada@example.com'));
      throw new Error('The change was refused.');
    };
    await expect(test.app.database.transact(work)).rejects.toThrow('refused');
    expect(await outbox().countDocuments()).toBe(0);
  });

  it('posts a thousand emails in one write, and refuses more', async () => {
    const emails = Array.from({ length: 1001 }, (_, i) => emailTo(`user${i}@example.com`));
    await expect(test.app.mail.postMany(emails)).rejects.toThrow(RangeError);
    await test.app.database.transact(() => test.app.mail.postMany(emails.slice(0, 1000)));
    expect(await outbox().countDocuments({ status: 'queued' })).toBe(1000);
  });

  it('delivers each of a hundred emails once when two nodes deliver at the same time', async () => {
    const addresses = Array.from({ length: 100 }, (_, i) => `user${i}@example.com`);
    await test.app.mail.postMany(addresses.map((address) => emailTo(address)));
    await Promise.all([test.app.mail.deliverDue(), second.app.mail.deliverDue()]);
    expect(arrived().sort()).toEqual(addresses.sort());
  });

  it('lets one of many wait for an email that somebody waits for', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...emailTo(`fan${index}@example.com`), isBulk: true }));
    await test.app.mail.postMany(many);
    time += 1000;
    await test.app.mail.post(emailTo('waiting@example.com'));
    await test.app.mail.deliverDue();
    // A few are delivered at once, so it is among the first few.
    expect(arrived().indexOf('waiting@example.com')).toBeLessThan(3);
    expect(arrived()).toHaveLength(31);
  });

  it('sends an email whose node died before sending it, when its time has run out', async () => {
    await test.app.mail.post(emailTo('ada@example.com'));
    await createOutbox(test.app.database.connection).claim(now(), new Date(START + 3 * MINUTE));
    await second.app.mail.deliverDue();
    expect(arrived()).toEqual([]);
    time += 3 * MINUTE;
    await second.app.mail.deliverDue();
    expect(arrived()).toEqual(['ada@example.com']);
  });

  it('sends an email again with the same Message-ID when its node died between sending and noting it', async () => {
    await test.app.mail.post(emailTo('ada@example.com'));
    const [before] = await outbox().find().toArray();
    await test.app.mail.deliverDue();
    await outbox().replaceOne({ _id: before!._id }, { ...before, status: 'sending' });
    await second.app.mail.deliverDue();
    const ids = server.emails.map(({ email }) => email.messageId);
    expect(ids).toEqual([`<${before!._id}@localhost>`, `<${before!._id}@localhost>`]);
  });

  it('lets a node that was too slow not take an email out of the hands of the next one', async () => {
    await test.app.mail.post(emailTo('ada@example.com'));
    const store = createOutbox(test.app.database.connection);
    const slow = (await store.claim(now(), now()))!;
    const quick = (await store.claim(now(), new Date(START + MINUTE)))!;
    await store.postpone(slow, now(), 'too slow');
    await store.failed(slow, now(), 'too slow');
    expect(await outbox().findOne()).toMatchObject({ status: 'sending', attempt: quick.attempt });
  });

  it('gives an email up at once when the server refuses its recipient for good', async () => {
    refused.set('nobody@example.com', 550);
    await test.app.mail.post(emailTo('nobody@example.com'));
    await test.app.mail.deliverDue();
    const [left] = await outbox().find().toArray();
    expect(left).toMatchObject({ status: 'failed', attempt: 1, reason: expect.stringContaining('550') });
    expect(Object.keys(left!)).not.toContain('encrypted');
    expect(Object.keys(left!)).not.toContain('dueAt');
  });

  it('tries again after longer and longer pauses when the server says "not now", and gives up after two days', async () => {
    refused.set('busy@example.com', 450);
    await test.app.mail.post(emailTo('busy@example.com'));
    const pauses: number[] = [];
    for (let attempt = 1; ; attempt += 1) {
      await test.app.mail.deliverDue();
      const { status, dueAt } = (await outbox().findOne()) as unknown as { status: string; dueAt: Date };
      if (status === 'failed') break;
      expect(status).toBe('queued');
      pauses.push(dueAt.getTime() - time);
      time = dueAt.getTime();
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(MINUTE);
    expect(pauses[0]).toBeLessThanOrEqual(1.25 * MINUTE);
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
    expect(Math.max(...pauses)).toBe(6 * HOUR);
    expect(time - START).toBeGreaterThan(36 * HOUR);
    expect(time - START).toBeLessThanOrEqual(48 * HOUR);
    expect(arrived()).toEqual([]);
  });

  it('counts what became of the emails', async () => {
    expect(await test.app.metrics.registry.metrics()).toMatch(/cohort_emails_total\{outcome="sent"\} [1-9]/);
  });

  it('takes up no further email once the process stops', async () => {
    await test.app.mail.postMany([emailTo('ada@example.com'), emailTo('grace@example.com')]);
    await test.app.mail.deliverDue(AbortSignal.abort());
    expect(arrived()).toEqual([]);
  });
});

describe('the mail server', () => {
  let time = START;
  const now = () => new Date(time);
  const email = {
    cause: 'test:1',
    to: 'ada@example.com',
    view: 'message',
    model: { subject: 'Hello', text: 'How are you?' },
  };
  const statusOf = async ({ app }: TestApp) =>
    (await app.database.connection.collection('outbox').findOne()) as unknown as { status: string; reason?: string };

  it('may be away: the email is sent with the same Message-ID when it is back', async () => {
    const port = await freePort();
    const test = await startApp({ now, settings: { COHORT_SMTP_URL: `smtp://localhost:${port}` } });
    await test.app.mail.post(email);
    await test.app.mail.deliverDue();
    expect(await statusOf(test)).toMatchObject({ status: 'queued', reason: expect.stringContaining('ECONNREFUSED') });

    const server = await startMailServer({ port });
    await test.app.mail.deliverDue();
    expect(server.emails).toEqual([]);
    time += 2 * MINUTE;
    await test.app.mail.deliverDue();
    const { _id } = (await test.app.database.connection.collection<{ _id: string }>('outbox').findOne())!;
    expect(server.emails.map(({ email }) => email.messageId)).toEqual([`<${_id}@localhost>`]);
    expect(await statusOf(test)).not.toHaveProperty('reason');
    await server.stop();
    await test.tearDown();
  });

  it('may hang: a process that stops waits a few seconds for it, and the email is kept', async () => {
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const server = await startMailServer({ onData: () => reached() });
    const test = await startApp({ settings: { COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
    const stopping = new AbortController();
    await test.app.mail.post(email);
    const delivering = test.app.mail.deliverDue(stopping.signal);
    await isReached;
    stopping.abort();
    await delivering;
    expect(await statusOf(test)).toMatchObject({ status: 'queued', reason: expect.stringContaining('aborted') });
    await test.tearDown();
    await server.stop();
  });

  it('is given its password, and a wrong one is no reason to give an email up', async () => {
    const server = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        password === 'p@ss word' ? done(null, { user: username }) : done(new Error('Wrong password')),
    });
    for (const [password, status] of [
      ['wrong', 'queued'],
      ['p%40ss%20word', 'sent'],
    ] as const) {
      const test = await startApp({
        settings: { COHORT_SMTP_URL: `smtp://cohort:${password}@127.0.0.1:${server.port}` },
      });
      await test.app.mail.post(email);
      await test.app.mail.deliverDue();
      expect(await statusOf(test)).toMatchObject({ status });
      await test.tearDown();
    }
    expect(server.emails).toHaveLength(1);
    await server.stop();
  });

  it.each([
    ['offers no TLS', { disabledCommands: ['STARTTLS'] }, 'smtp', 'require', 'queued'],
    ['shows a certificate that nobody vouches for', { disabledCommands: [] }, 'smtp', 'require', 'queued'],
    ['shows such a certificate from the start', { secure: true }, 'smtps', 'opportunistic', 'queued'],
    ['offers no TLS, and none is required', { disabledCommands: ['STARTTLS'] }, 'smtp', 'opportunistic', 'sent'],
    ['shows such a certificate, and none is required', { disabledCommands: [] }, 'smtp', 'opportunistic', 'sent'],
  ])('gets the email only over a line that can be trusted: it %s', async (_, options, scheme, tls, status) => {
    const server = await startMailServer(options);
    const test = await startApp({
      settings: { COHORT_SMTP_URL: `${scheme}://127.0.0.1:${server.port}`, COHORT_SMTP_TLS: tls },
    });
    await test.app.mail.post(email);
    await test.app.mail.deliverDue();
    expect(await statusOf(test)).toMatchObject({ status });
    expect(server.emails).toHaveLength(status === 'sent' ? 1 : 0);
    await test.tearDown();
    await server.stop();
  });
});
