import { PassThrough } from 'node:stream';
import { connect } from 'node:net';
import { newSecret } from '../../../src/platform/ids.ts';
import { createLog } from '../../../src/platform/http/log.ts';
import { redactPath, redactText } from '../../../src/platform/http/redaction.ts';
import { startHouse, type TestHouse } from '../../support/app.ts';

const TOKEN = 'mdZ6Q0CDNYOM9TKbCWobY3D2o6JkoGFeLT4e8HSuj_Q';
const encode = (text: string) =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

describe('a path in the logs', () => {
  it.each(['interaction', 'auth', 'device', 'setup', 'reg', 'register', 'recover', 'invitation'])(
    'names nothing below /%s, in any case and encoding',
    (name) => {
      expect(redactPath(`/${name}/abc`)).toBe(`/${name}/[redacted]`);
      expect(redactPath(`/${name.toUpperCase()}/abc/login`)).toBe(`/${name.toUpperCase()}/[redacted]/login`);
      expect(redactPath(`/${encode(name)}/abc`)).toBe(`/${encode(name)}/[redacted]`);
    },
  );

  it.each([
    `/${TOKEN}`,
    `/nowhere/${TOKEN}/more`,
    `/nowhere/x.${TOKEN}.y`,
    `/nowhere/x;token=${TOKEN}`,
    `/nowhere/${encode(TOKEN)}`,
    `/nowhere/${encode(encode(TOKEN))}`,
    `/recover%2F${TOKEN}`,
    `/recover%252f${TOKEN}`,
    `//recover//${TOKEN}`,
    `/v1/groups/${TOKEN.toUpperCase()}`,
    `/v1/groups/${TOKEN.toLowerCase()}`,
    '/v1/eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
    `/x/${'%25'.repeat(20)}41`,
  ])('names no secret wherever it stands: %s', (path) => {
    const redacted = redactPath(path);
    expect(redacted).toContain('[redacted]');
    expect(redacted.toLowerCase()).not.toContain(TOKEN.slice(0, 12).toLowerCase());
    expect(redacted).not.toContain('%6d');
  });

  it.each([
    '/',
    '/v1/groups/4be2eff2574323ce/members',
    '/v1/applications/fa79fd8a3b89f5e7/claim-policy',
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/assets/tabler.min.370a2d4e608a.css',
    '/account/connected-applications',
    '/session/end/confirm',
    '/wp-login.php',
  ])('keeps what an operator looks for: %s', (path) => {
    expect(redactPath(path)).toBe(path);
  });
});

describe('a text in the logs', () => {
  it('names no secret that it quotes, and keeps the names of what failed', () => {
    expect(redactText(`GET /recover/${TOKEN} failed`)).toBe('GET /recover/[redacted] failed');
    const stack =
      'MongoPoolClearedOnNetworkError: gone\n    at executeOperationWithRetries (/app/src/db/connection.mongo.ts:3:7)';
    expect(redactText(stack)).toBe(stack);
  });
});

describe('the log of a node', () => {
  const lines: string[] = [];
  let test: TestHouse;
  beforeAll(async () => {
    const destination = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    test = await startHouse({ log: createLog('trace', { destination }) });
  });
  afterAll(() => test.tearDown());
  const logged = () => lines.join('');

  /** As it is, without what a client library would make of the path. */
  function request(target: string): Promise<string> {
    const { port } = new URL(test.issuer);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), '127.0.0.1')
        .on('data', (chunk: Buffer) => (answer += chunk.toString()))
        .on('error', reject)
        .on('close', () => resolve(answer));
      socket.write(
        `GET ${target} HTTP/1.1\r\nhost: localhost\r\nreferer: ${test.issuer}/recover/${TOKEN}\r\nconnection: close\r\n\r\n`,
      );
    });
  }

  it.each([
    'setup',
    'recover',
    'register',
    'invitation',
    'interaction',
    'auth',
    'device',
    'reg',
    'dev/mail',
    'v1',
    'console',
    'account',
  ])('holds no link below /%s, in whichever form it was asked for', async (name) => {
    const token = newSecret();
    const targets = [
      `/${name}/${token}`,
      `/${name.toUpperCase()}/${token}`,
      `/${name}/${token}/`,
      `/${name}/${token}.`,
      `//${name}/${token}`,
      `/${name}/${encode(token)}`,
      `/${name}%2f${token}`,
      `/${name}/%ff${token}%zz`,
      `/${name}?token=${token}`,
      `http://localhost/${name.toUpperCase()}/${token}?${token}`,
    ];
    for (const target of targets) expect(await request(target)).toMatch(/^HTTP\/1\.1 [234]/);
    expect(logged()).toContain('[redacted]');
    expect(logged().toLowerCase()).not.toContain(token.slice(0, 12).toLowerCase());
    expect(logged().toLowerCase()).not.toContain(encode(token).slice(0, 24));
    expect(logged()).not.toContain(TOKEN.slice(0, 12));
    expect((await test.http.get('/metrics')).text).not.toContain(token.slice(0, 12));
  });

  it('holds nothing of the documents of a write that failed', async () => {
    const seen: string[] = [];
    const destination = new PassThrough().on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    const log = createLog('info', { destination });
    const things = test.house.database.connection.collection<{ _id: string; hash: string }>('audit_events');
    const failed = await things
      .insertMany([
        { _id: 'twice', hash: 'the hash of a password' },
        { _id: 'twice', hash: 'the hash of a password' },
      ])
      .catch((error: unknown) => error);
    log.error({ err: failed }, 'a request failed');
    expect(seen.join('')).toContain('MongoBulkWriteError');
    expect(seen.join('')).not.toContain('the hash of a password');
    await things.deleteOne({ _id: 'twice' });
  });
});
