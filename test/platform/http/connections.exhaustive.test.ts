import { connect, type Socket } from 'node:net';
import { adminToken, startApp, type TestApp } from '../../support/app.ts';

const MIB = 1024 * 1024;
const HUGE = 100 * MIB;
const PIECE = Buffer.alloc(64 * 1024, 'a');

type Body = 'by length' | 'in chunks' | 'nothing' | 'a byte now and then';

/** Clients that are not done with their headers after ten seconds. */
const SLOW_CLIENTS: Record<string, [head: string[], body: Body]> = {
  'trickles its headers': [['GET / HTTP/1.1', 'host: localhost', 'x-slow: '], 'a byte now and then'],
  'sends half of its headers': [['GET / HTTP/1.1', 'host: localhost', ''], 'nothing'],
  'sends nothing': [[''], 'nothing'],
};

describe('a connection', () => {
  let test: TestApp;
  let port: number;
  let token: string;
  const accepted = new Set<Socket>();
  const slow = new Map<string, Promise<string>>();
  beforeAll(async () => {
    test = await startApp();
    port = Number(new URL(test.issuer).port);
    token = await adminToken(test);
    test.app.http.server.on('connection', (socket: Socket) => accepted.add(socket));
    // All at once, and the other tests go on meanwhile.
    for (const [what, [head, body]] of Object.entries(SLOW_CLIENTS)) slow.set(what, send(head, body));
  });
  beforeEach(() => accepted.clear());
  afterAll(() => test.tearDown());

  const readByServer = () => [...accepted].reduce((sum, { bytesRead }) => sum + bytesRead, 0);

  /** Sends `head` and then as much of a body as the server takes. What it answered, when the connection is closed. */
  function send(head: string[], body: Body): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      let trickle: NodeJS.Timeout | undefined;
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      // Reset by the server, which has said what it had to say.
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(trickle);
        resolve(answer);
      });
      const more = () => {
        while (socket.writable && socket.write(body === 'in chunks' ? `10000\r\n${PIECE.toString()}\r\n` : PIECE));
      };
      socket.write(head.join('\r\n'));
      if (body === 'a byte now and then') trickle = setInterval(() => socket.writable && socket.write('a'), 200);
      if (body === 'nothing' || body === 'a byte now and then') return;
      more();
      socket.on('drain', more);
    });
  }

  const post = (path: string, headers: string[]) => [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    ...headers,
    `authorization: Bearer ${token}`,
    '',
    '',
  ];
  const json = 'content-type: application/json';
  const form = 'content-type: application/x-www-form-urlencoded';
  const byLength = `content-length: ${HUGE}`;
  const inChunks = 'transfer-encoding: chunked';

  it.each([
    ['/v1/groups', json, 413],
    ['/v1/imports?type=users', json, 415],
    ['/v1/imports', 'content-type: text/csv', 400],
    ['/v1/nowhere', json, 404],
    ['/recover', form, 413],
    ['/recover', json, 415],
    ['/token', form, 400],
    ['/auth', form, 413],
    ['/reg', json, 400],
    ['/nowhere', form, 404],
    ['/healthz', form, 404],
  ])('is closed after the answer when a body of 100 MB was not read: %s, %s', async (path, type, status) => {
    const answers = await Promise.all([
      send(post(path, [type, byLength]), 'by length'),
      send(post(path, [type, inChunks]), 'in chunks'),
    ]);
    for (const answer of answers) {
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
      // Whole, although the client was still sending.
      const [head = '', content = ''] = answer.split('\r\n\r\n');
      expect(Buffer.byteLength(content)).toBe(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    }
    expect(readByServer()).toBeLessThan(MIB);
  });

  it('is kept for the next request when the body was read', async () => {
    const body = '{"name":"Staff"}';
    const head = post('/v1/groups', [json, `content-length: ${body.length}`]);
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
    const answered = async (times: number) => {
      while (answers.split('HTTP/1.1 ').length <= times) await new Promise((resolve) => socket.once('data', resolve));
    };
    socket.write(head.join('\r\n') + body);
    await answered(1);
    socket.write(head.join('\r\n') + body);
    await answered(2);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 409']);
    expect(answers.toLowerCase()).not.toContain('connection: close');
    socket.destroy();
  });

  it.each(Object.keys(SLOW_CLIENTS))('is closed when the client %s for ten seconds', async (what) => {
    const answer = await slow.get(what);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"status":408');
  });

  it.each([
    ['no HTTP', ['SSH-2.0-OpenSSH_9.2', '', ''], 400],
    ['headers that are too large', ['GET / HTTP/1.1', 'host: localhost', `x: ${'x'.repeat(300_000)}`, '', ''], 431],
  ])('is closed after %s, also when the client goes on', async (_what, head, status) => {
    expect(await send(head, 'a byte now and then')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});
