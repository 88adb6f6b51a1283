import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createLog } from '../../../src/platform/http/log.ts';
import { adminToken, giveApplication, giveUser, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';

const MIB = 1024 * 1024;
const CSV = 'username,first_name\nada@example.com,Ada\ngrace@example.com,Grace\n';
const compress = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;
const codings = Object.keys(compress) as (keyof typeof compress)[];

describe('a compressed body', () => {
  let test: TestApp;
  let token: string;
  const lines: string[] = [];
  beforeAll(async () => {
    const destination = new PassThrough().on('data', (line: Buffer) => lines.push(line.toString()));
    test = await startApp({ log: createLog('info', { destination }) });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  /** As bytes: supertest would make JSON of a Buffer. */
  async function send(path: string, coding: string, body: Buffer, type: string) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-encoding': coding };
    const reply = await fetch(`${test.issuer}${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
    });
    const text = await reply.text();
    const isJson = /json/.test(reply.headers.get('content-type') ?? '');
    return {
      status: reply.status,
      headers: reply.headers,
      text,
      body: (isJson ? JSON.parse(text) : undefined) as Record<string, unknown>,
    };
  }

  async function imported(reply: Awaited<ReturnType<typeof send>>) {
    expect(reply.status).toBe(202);
    const { job_id: id } = reply.body['result'] as { job_id: string };
    await test.app.drainJobs();
    const { body } = await test.http.get(`/v1/jobs/${id}`).set('authorization', `Bearer ${token}`);
    return { status: body.result.status, total: body.result.total, failures: body.result.failures };
  }

  it.each(codings)('by %s is imported as what it was', async (coding) => {
    const reply = await send('/v1/imports?type=users&dry_run=true', coding, compress[coding](CSV), 'text/csv');
    expect(await imported(reply)).toEqual({ status: 'succeeded', total: 2, failures: 0 });
  });

  it.each(codings)('by %s is read as JSON and as a form', async (coding) => {
    const group = compress[coding](JSON.stringify({ name: `Staff ${coding}` }));
    expect((await send('/v1/groups', coding, group, 'application/json')).status).toBe(201);
    const form = compress[coding]('email=nobody%40example.com');
    expect((await send('/recover', coding, form, 'application/x-www-form-urlencoded')).status).toBe(200);
  });

  it('by a coding in capital letters, or by none, is read too', async () => {
    expect((await send('/v1/groups', 'GZIP', gzipSync('{"name":"Capital"}'), 'application/json')).status).toBe(201);
    const plain = Buffer.from('{"name":"Plain"}');
    expect((await send('/v1/groups', 'identity', plain, 'application/json')).status).toBe(201);
  });

  it.each(['compress', 'zstd', 'gzip, gzip', 'gzip, identity', 'nonsense'])('by %s is refused', async (coding) => {
    for (const [path, type] of [
      ['/v1/imports?type=users', 'text/csv'],
      ['/v1/groups', 'application/json'],
    ] as const) {
      const reply = await send(path, coding, gzipSync(CSV), type);
      expect(reply.body).toMatchObject({ status: 415, code: 'wrong_content_type' });
      expect(reply.headers.get('accept-encoding')).toBe('gzip, deflate, br');
    }
    const form = await send('/recover', coding, gzipSync('email=x'), 'application/x-www-form-urlencoded');
    expect([form.status, form.text.includes('<h1')]).toEqual([415, true]);
  });

  it.each(codings)('by %s that is cut short, damaged or not compressed at all is refused', async (coding) => {
    const whole = compress[coding](CSV.repeat(1000));
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 8);
    const files = test.app.database.connection.collection('job_files');
    const kept = await files.countDocuments();
    for (const body of [whole.subarray(0, -6), damaged, Buffer.from(CSV), Buffer.alloc(0)])
      for (const [path, type] of [
        ['/v1/imports?type=users', 'text/csv'],
        ['/v1/groups', 'application/json'],
      ] as const)
        expect((await send(path, coding, body, type)).body).toMatchObject({ status: 400, code: 'broken_coding' });
    const form = await send('/recover', coding, whole.subarray(0, -6), 'application/x-www-form-urlencoded');
    expect([form.status, form.text.includes('<h1')]).toEqual([400, true]);
    expect(await files.countDocuments()).toBe(kept);
  });

  it.each(codings)('by %s is limited by what it was, not by what was sent', async (coding) => {
    const bomb = compress[coding](`{"name":"${'x'.repeat(64 * MIB)}"}`);
    expect(bomb.length).toBeLessThan(MIB);
    const reply = await send('/v1/groups', coding, bomb, 'application/json');
    expect(reply.body).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it('that the client breaks off leaves nothing waiting', async () => {
    const { port } = new URL(test.issuer);
    const whole = gzipSync(CSV.repeat(1000));
    const files = test.app.database.connection.collection('job_files');
    const kept = await files.countDocuments();
    for (const [path, type] of [
      ['/v1/imports?type=users', 'text/csv'],
      ['/v1/groups', 'application/json'],
    ]) {
      const socket = connect(Number(port), '127.0.0.1');
      const head = [
        `POST ${path} HTTP/1.1`,
        'host: localhost',
        `authorization: Bearer ${token}`,
        `content-type: ${type}`,
        'content-encoding: gzip',
        `content-length: ${whole.length}`,
      ];
      const heard = new Promise((resolve) => test.app.http.server.once('request', resolve));
      lines.length = 0;
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      socket.write(whole.subarray(0, whole.length / 2));
      await heard;
      socket.destroy();
      // Written when all that was to be done for the request is done.
      while (!lines.some((line) => line.includes('"msg":"request"'))) await setImmediate();
    }
    expect(await files.countDocuments()).toBe(kept);
  });

  it('is refused by the endpoints of the protocol, which read bodies as they come', async () => {
    const application = await giveApplication(test);
    await giveUser(test, 'ada@example.com');
    for (const path of ['/token', '/token/introspection', '/request', '/device/auth', '/reg']) {
      const form = gzipSync(
        new URLSearchParams({ grant_type: 'client_credentials', client_id: application.id }).toString(),
      );
      const reply = await send(path, 'gzip', form, 'application/x-www-form-urlencoded');
      expect([reply.status, reply.body['error']]).toEqual([415, 'invalid_request']);
    }
    const query = { client_id: application.id, redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid' };
    const authorization = gzipSync(new URLSearchParams(query).toString());
    const reply = await send('/auth', 'gzip', authorization, 'application/x-www-form-urlencoded');
    expect(reply.headers.get('location')).toContain(`client_id=${application.id}`);
  });
});
