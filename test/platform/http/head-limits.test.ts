import { connect } from 'node:net';
import { startApp, type TestApp } from '../../support/app.ts';

const KIB = 1024;
const PAGE = 'accept: text/html,*/*;q=0.8';

describe('a request that is too long, or is none', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  /** What is answered, when the connection is closed. */
  function send(...lines: string[]): Promise<{ status: number; type: string; text: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect(test.port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => {
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
        resolve({ status, type: /content-type: (.*?)\r/i.exec(text)?.[1] ?? '', text });
      });
      socket.write([...lines, 'connection: close', '', ''].join('\r\n'));
    });
  }
  const get = (...headers: string[]) => send('GET /account HTTP/1.1', 'host: localhost', ...headers);
  const cookies = (bytes: number) => `cookie: of_a_sister_site=${'x'.repeat(bytes)}`;

  it('has room for the cookies of sister sites', async () => {
    expect((await get(PAGE, cookies(60 * KIB))).status).toBeLessThan(400);
  });

  it.each([70, 200])('gets a page in the language of the browser for %i KiB of cookies', async (size) => {
    const { status, type, text } = await get(PAGE, 'accept-language: de-AT,de;q=0.9', cookies(size * KIB));
    expect([status, type]).toEqual([431, 'text/html; charset=utf-8']);
    expect(text).toContain('<html lang="de" dir="ltr">');
    expect(text).toContain('Löschen Sie sie in den Einstellungen des Browsers');
    expect(text).toContain('href="/"');
    expect(text).toMatch(/content-security-policy: default-src 'none'/i);
    expect(text).not.toContain('returnTo');
  });

  it('gets its style for that page, with the same cookies', async () => {
    const page = await get(PAGE, cookies(70 * KIB));
    const [, sheet] = /<link rel="stylesheet" href="([^"]*cohort[^"]*)"/.exec(page.text)!;
    expect((await send(`GET ${sheet} HTTP/1.1`, 'host: localhost', cookies(70 * KIB))).status).toBe(200);
  });

  it('is a problem for programs', async () => {
    const large = await get('accept: application/json', cookies(70 * KIB));
    expect([large.status, large.type]).toEqual([431, 'application/problem+json']);
    expect(large.text).toContain('"code":"headers_too_large"');
    const huge = await get(`authorization: Bearer ${'x'.repeat(300 * KIB)}`);
    expect([huge.status, huge.type]).toEqual([431, 'application/problem+json']);
    expect(huge.text).toContain('"code":"headers_too_large"');
  });

  it('gets a page for a URL that is too long', async () => {
    const { status, text } = await send(`GET /auth?x=${'x'.repeat(70 * KIB)} HTTP/1.1`, 'host: localhost', PAGE);
    expect([status, text]).toEqual([414, expect.stringContaining('This link is too long')]);
  });

  it.each([
    ['a version that does not exist', 'GET /account HTTP/9.9'],
    ['a space in the URL', 'GET /my account HTTP/1.1'],
    ['an unknown method', 'NOTHING /account HTTP/1.1'],
    ['a URL that is none', 'GET http://[ HTTP/1.1'],
  ])('gets a page for %s', async (_what, line) => {
    const { status, text } = await send(line, 'host: localhost', PAGE, 'accept-language: ar');
    expect([status, text]).toEqual([400, expect.stringContaining('تعذرت قراءة هذا الطلب')]);
    const other = await send(line, 'host: localhost');
    expect([other.status, other.type]).toEqual([400, 'application/problem+json']);
  });
});
