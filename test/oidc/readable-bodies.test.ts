import { request, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { giveService, startApp, type TestApp } from '../support/app.ts';

describe('the body of a request of the protocol', () => {
  let test: TestApp;
  let authorization: string;
  beforeAll(async () => {
    test = await startApp();
    const { id, secret } = await giveService(test, ['groups:read']);
    authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  });
  afterAll(() => test.tearDown());

  /** Sends these pieces one after the other, and resolves to the answer. */
  async function send(path: string, pieces: (string | Buffer)[], headers: OutgoingHttpHeaders = {}) {
    const type = 'application/x-www-form-urlencoded';
    const sent = request(new URL(path, `${test.issuer}/`), {
      method: 'POST',
      headers: { authorization, 'content-type': type, ...headers },
    });
    const answered = new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      sent.on('response', (reply) => {
        const read = text(reply).then((body) => ({ status: reply.statusCode!, body: JSON.parse(body) as never }));
        void read.then(resolve, reject);
      });
      sent.on('error', reject);
    });
    sent.flushHeaders();
    for (const piece of pieces) {
      await pause(20);
      sent.write(piece);
    }
    sent.end();
    return answered;
  }

  const FORM = 'grant_type=client_credentials&scope=groups%3Aread';

  it.each<[string, string[], OutgoingHttpHeaders]>([
    ['at once', [FORM], { 'content-length': FORM.length }],
    ['in pieces', [FORM.slice(0, 7), FORM.slice(7, 20), FORM.slice(20)], { 'content-length': FORM.length }],
    ['in chunks', [FORM.slice(0, 7), FORM.slice(7)], {}],
  ])('is read that comes %s', async (_how, pieces, headers) => {
    const { status, body } = await send('token', pieces, headers);
    expect([status, body]).toEqual([200, expect.objectContaining({ scope: 'groups:read' })]);
  });

  it.each<[string, (string | Buffer)[], OutgoingHttpHeaders, string]>([
    ['is empty', [], { 'content-length': 0 }, "missing required parameter 'grant_type'"],
    ['is empty, in chunks', [], {}, "missing required parameter 'grant_type'"],
    ['is not UTF-8', [Buffer.from(`${FORM}&x=\xFC`, 'latin1')], {}, 'the body is not UTF-8'],
    ['is not UTF-8 when decoded', [`${FORM}&x=%FC`], {}, 'the body is not UTF-8'],
    ['is too long', [`${FORM}&x=`, 'x'.repeat(60_000)], {}, 'failed to parse the request body'],
    [
      'is too long from the start',
      [`${FORM}&x=${'x'.repeat(60_000)}`],
      { 'content-length': FORM.length + 3 + 60_000 },
      'failed to parse the request body',
    ],
  ])('is refused that %s', async (_what, pieces, headers, description) => {
    const { status, body } = await send('token', pieces, headers);
    expect([status, body]).toEqual([400, { error: 'invalid_request', error_description: description }]);
  });

  it('is refused that is empty where JSON is expected', async () => {
    const json = { 'content-type': 'application/json', authorization: 'Bearer none' };
    for (const headers of [{ ...json, 'content-length': 0 }, json])
      expect((await send('reg', [], headers)).body).toMatchObject({ error: expect.stringMatching(/^invalid_/) });
  });

  it('is not waited for when the client goes away', async () => {
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded', 'content-length': 1000 };
    const sent = request(new URL('token', `${test.issuer}/`), { method: 'POST', headers });
    sent.on('error', () => {});
    sent.write(FORM);
    await pause(50);
    sent.destroy();
    await pause(50);
    expect((await send('token', [FORM])).status).toBe(200);
  });
});
