import { createOutbox } from '../../../src/platform/mail/outbox.mongo.ts';
import { freePort } from '../../../src/platform/free-port.ts';
import { startHouse, type TestHouse } from '../../support/app.ts';
import { startMailServer, type MailServer } from '../../support/mail-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-21T08:00:00Z');

describe('the outbox', () => {
  let server: MailServer;
  let test: TestHouse;
  let second: TestHouse;
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
    test = await startHouse({ now, settings: { COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
    second = await startHouse({
      now,
      uri: test.uri,
      settings: { COHORT_ISSUER: test.issuer, COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` },
    });
  });
  afterAll(async () => {
    await second.house.stop();
    await test.tearDown();
    await server.stop();
  });
  beforeEach(async () => {
    time = START;
    server.letters.length = 0;
    refused.clear();
    await outbox().deleteMany({});
  });

  const outbox = () => test.house.database.connection.collection<{ _id: string }>('outbox');
  const letterTo = (to: string, cause = `test:${to}`) => ({
    cause,
    to,
    view: 'message',
    model: { subject: 'Hello', text: 'How are you?' },
  });
  const arrived = () => server.letters.flatMap(({ recipients }) => recipients);

  it('sends what was posted, once, and then remembers no more than that it did', async () => {
    await test.house.mail.post(letterTo('ada@example.com', 'invitation:1'));
    const [posted] = await outbox().find().toArray();
    expect(JSON.stringify(posted)).not.toMatch(/ada@example|How are you/);
    await test.house.mail.deliverDue();
    await test.house.mail.deliverDue();
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
    const { transact } = test.house.database;
    const racers = Array.from({ length: 50 }, (_, racer) => (racer % 2 === 0 ? test : second).house);
    await Promise.all(
      racers.map(({ database, mail }) => database.transact(() => mail.post(letterTo('ada@example.com')))),
    );
    await transact(() => test.house.mail.post(letterTo('ada@example.com')));
    await Promise.all([test.house.mail.deliverDue(), second.house.mail.deliverDue()]);
    await test.house.mail.post(letterTo('ada@example.com'));
    await test.house.mail.deliverDue();
    expect(arrived()).toEqual(['ada@example.com']);
  });

  it('posts nothing when the transaction around it fails', async () => {
    const work = async () => {
      await test.house.mail.post(letterTo('ada@example.com'));
      throw new Error('The change was refused.');
    };
    await expect(test.house.database.transact(work)).rejects.toThrow('refused');
    expect(await outbox().countDocuments()).toBe(0);
  });

  it('posts a thousand letters in one write, and refuses more', async () => {
    const letters = Array.from({ length: 1001 }, (_, i) => letterTo(`person${i}@example.com`));
    await expect(test.house.mail.postMany(letters)).rejects.toThrow(RangeError);
    await test.house.database.transact(() => test.house.mail.postMany(letters.slice(0, 1000)));
    expect(await outbox().countDocuments({ status: 'queued' })).toBe(1000);
  });

  it('delivers each of a hundred letters once when two nodes deliver at the same time', async () => {
    const addresses = Array.from({ length: 100 }, (_, i) => `person${i}@example.com`);
    await test.house.mail.postMany(addresses.map((address) => letterTo(address)));
    await Promise.all([test.house.mail.deliverDue(), second.house.mail.deliverDue()]);
    expect(arrived().sort()).toEqual(addresses.sort());
  });

  it('lets one of many wait for a letter that somebody waits for', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...letterTo(`fan${index}@example.com`), isBulk: true }));
    await test.house.mail.postMany(many);
    time += 1000;
    await test.house.mail.post(letterTo('waiting@example.com'));
    await test.house.mail.deliverDue();
    // A few are delivered at once, so it is among the first few.
    expect(arrived().indexOf('waiting@example.com')).toBeLessThan(3);
    expect(arrived()).toHaveLength(31);
  });

  it('sends a letter whose node died before sending it, when its time has run out', async () => {
    await test.house.mail.post(letterTo('ada@example.com'));
    await createOutbox(test.house.database.connection).claim(now(), new Date(START + 3 * MINUTE));
    await second.house.mail.deliverDue();
    expect(arrived()).toEqual([]);
    time += 3 * MINUTE;
    await second.house.mail.deliverDue();
    expect(arrived()).toEqual(['ada@example.com']);
  });

  it('sends a letter again with the same Message-ID when its node died between sending and noting it', async () => {
    await test.house.mail.post(letterTo('ada@example.com'));
    const [before] = await outbox().find().toArray();
    await test.house.mail.deliverDue();
    await outbox().replaceOne({ _id: before!._id }, { ...before, status: 'sending' });
    await second.house.mail.deliverDue();
    const ids = server.letters.map(({ email }) => email.messageId);
    expect(ids).toEqual([`<${before!._id}@localhost>`, `<${before!._id}@localhost>`]);
  });

  it('lets a node that was too slow not take a letter out of the hands of the next one', async () => {
    await test.house.mail.post(letterTo('ada@example.com'));
    const store = createOutbox(test.house.database.connection);
    const slow = (await store.claim(now(), now()))!;
    const quick = (await store.claim(now(), new Date(START + MINUTE)))!;
    await store.postpone(slow, now(), 'too slow');
    await store.failed(slow, now(), 'too slow');
    expect(await outbox().findOne()).toMatchObject({ status: 'sending', attempt: quick.attempt });
  });

  it('gives a letter up at once when the server refuses its recipient for good', async () => {
    refused.set('nobody@example.com', 550);
    await test.house.mail.post(letterTo('nobody@example.com'));
    await test.house.mail.deliverDue();
    const [left] = await outbox().find().toArray();
    expect(left).toMatchObject({ status: 'failed', attempt: 1, reason: expect.stringContaining('550') });
    expect(Object.keys(left!)).not.toContain('sealed');
    expect(Object.keys(left!)).not.toContain('dueAt');
  });

  it('tries again after longer and longer pauses when the server says "not now", and gives up after two days', async () => {
    refused.set('busy@example.com', 450);
    await test.house.mail.post(letterTo('busy@example.com'));
    const pauses: number[] = [];
    for (let attempt = 1; ; attempt += 1) {
      await test.house.mail.deliverDue();
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

  it('counts what became of the letters', async () => {
    expect(await test.house.metrics.registry.metrics()).toMatch(/cohort_letters_total\{outcome="sent"\} [1-9]/);
  });

  it('takes up no further letter once the process stops', async () => {
    await test.house.mail.postMany([letterTo('ada@example.com'), letterTo('grace@example.com')]);
    await test.house.mail.deliverDue(AbortSignal.abort());
    expect(arrived()).toEqual([]);
  });
});

describe('the mail server', () => {
  let time = START;
  const now = () => new Date(time);
  const letter = {
    cause: 'test:1',
    to: 'ada@example.com',
    view: 'message',
    model: { subject: 'Hello', text: 'How are you?' },
  };
  const statusOf = async ({ house }: TestHouse) =>
    (await house.database.connection.collection('outbox').findOne()) as unknown as { status: string; reason?: string };

  it('may be away: the letter is sent with the same Message-ID when it is back', async () => {
    const port = await freePort();
    const test = await startHouse({ now, settings: { COHORT_SMTP_URL: `smtp://localhost:${port}` } });
    await test.house.mail.post(letter);
    await test.house.mail.deliverDue();
    expect(await statusOf(test)).toMatchObject({ status: 'queued', reason: expect.stringContaining('ECONNREFUSED') });

    const server = await startMailServer({ port });
    await test.house.mail.deliverDue();
    expect(server.letters).toEqual([]);
    time += 2 * MINUTE;
    await test.house.mail.deliverDue();
    const { _id } = (await test.house.database.connection.collection<{ _id: string }>('outbox').findOne())!;
    expect(server.letters.map(({ email }) => email.messageId)).toEqual([`<${_id}@localhost>`]);
    expect(await statusOf(test)).not.toHaveProperty('reason');
    await server.stop();
    await test.tearDown();
  });

  it('may hang: a process that stops waits a few seconds for it, and the letter is kept', async () => {
    let reached = () => {};
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const server = await startMailServer({ onData: () => reached() });
    const test = await startHouse({ settings: { COHORT_SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
    const stopping = new AbortController();
    await test.house.mail.post(letter);
    const delivering = test.house.mail.deliverDue(stopping.signal);
    await isReached;
    stopping.abort();
    await delivering;
    expect(await statusOf(test)).toMatchObject({ status: 'queued', reason: expect.stringContaining('aborted') });
    await test.tearDown();
    await server.stop();
  });

  it('is given its password, and a wrong one is no reason to give a letter up', async () => {
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
      const test = await startHouse({
        settings: { COHORT_SMTP_URL: `smtp://cohort:${password}@127.0.0.1:${server.port}` },
      });
      await test.house.mail.post(letter);
      await test.house.mail.deliverDue();
      expect(await statusOf(test)).toMatchObject({ status });
      await test.tearDown();
    }
    expect(server.letters).toHaveLength(1);
    await server.stop();
  });

  it.each([
    ['offers no TLS', { disabledCommands: ['STARTTLS'] }, 'smtp', 'require', 'queued'],
    ['shows a certificate that nobody vouches for', { disabledCommands: [] }, 'smtp', 'require', 'queued'],
    ['shows such a certificate from the start', { secure: true }, 'smtps', 'opportunistic', 'queued'],
    ['offers no TLS, and none is required', { disabledCommands: ['STARTTLS'] }, 'smtp', 'opportunistic', 'sent'],
    ['shows such a certificate, and none is required', { disabledCommands: [] }, 'smtp', 'opportunistic', 'sent'],
  ])('gets the letter only over a line that can be trusted: it %s', async (_, options, scheme, tls, status) => {
    const server = await startMailServer(options);
    const test = await startHouse({
      settings: { COHORT_SMTP_URL: `${scheme}://127.0.0.1:${server.port}`, COHORT_SMTP_TLS: tls },
    });
    await test.house.mail.post(letter);
    await test.house.mail.deliverDue();
    expect(await statusOf(test)).toMatchObject({ status });
    expect(server.letters).toHaveLength(status === 'sent' ? 1 : 0);
    await test.tearDown();
    await server.stop();
  });
});
