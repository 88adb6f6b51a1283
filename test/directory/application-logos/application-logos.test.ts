import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, crc32 } from 'node:zlib';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { adminToken, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

/** Portable Network Graphics, of one color. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const line = Math.ceil(width / 8) + 1;
  const data = deflateSync(Buffer.alloc(Math.min(line * height, 100_000)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const jpeg = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  Buffer.from('ffc0000b080010002001011100', 'hex'),
  Buffer.from('ffda0008010100003f00ffd9', 'hex'),
]);
const gif = Buffer.from(
  '47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b',
  'hex',
);
const webp = (() => {
  const body = Buffer.concat([
    Buffer.from('WEBPVP8X'),
    Buffer.from('0a000000', 'hex'),
    Buffer.alloc(4),
    Buffer.alloc(6),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
})();
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

const SHOWN: Record<string, [Buffer, string]> = {
  'logo.png': [png(64, 64), 'image/png'],
  'logo.jpg': [jpeg, 'image/jpeg'],
  'logo.gif': [gif, 'image/gif'],
  'logo.webp': [webp, 'image/webp'],
  'no-extension': [png(2048, 1), 'image/png'],
};
const REFUSED: Record<string, Buffer> = {
  'script.svg': svg,
  'svg-called.png': svg,
  'page.html': Buffer.from(`<!doctype html>${' '.repeat(100)}`),
  'huge.png': png(2049, 1),
  'bomb.png': png(100_000, 100_000),
  'cut.png': png(64, 64).subarray(0, 60),
  'large.png': Buffer.concat([png(64, 64), Buffer.alloc(300_000)]),
  'empty.png': Buffer.alloc(0),
};

describe('the logo of an application', () => {
  let test: TestApp;
  let token: string;
  let images: Server;
  let origin: string;
  let offset = 0;
  let requests: string[] = [];
  const files: Record<string, Buffer> = {
    ...REFUSED,
    ...Object.fromEntries(Object.entries(SHOWN).map(([name, [content]]) => [name, content])),
  };

  beforeAll(async () => {
    images = createServer((req, res) => {
      const name = (req.url ?? '').slice(1);
      requests.push(name);
      if (name === 'redirect.png') return res.writeHead(302, { location: '/logo.png' }).end();
      const content = files[name];
      // Its word for the type counts nothing.
      res.writeHead(content ? 200 : 404, { 'content-type': 'image/svg+xml' }).end(content);
    });
    await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(images.address() as AddressInfo).port}`;
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(async () => {
    images.close();
    await test.tearDown();
  });
  beforeEach(() => {
    offset = 0;
    requests = [];
  });

  async function create(fields: object) {
    const { body } = await test.http
      .post('/v1/applications')
      .set('authorization', `Bearer ${token}`)
      .send({ name: 'Flight plans', redirect_uris: [REDIRECT_URI], ...fields });
    return body.result as { client_id: string; client_secret: string; logo_uri: string };
  }
  const change = (id: string, fields: object) =>
    test.http.patch(`/v1/applications/${id}`).set('authorization', `Bearer ${token}`).send(fields);
  const refresh = () =>
    test.app.modules
      .flatMap(({ tasks = [] }) => tasks)
      .find(({ name }) => name === 'refresh-logos')!
      .run(new AbortController().signal);

  async function signInPageOf({ client_id: id, client_secret: secret }: { client_id: string; client_secret: string }) {
    const party = await relyingParty(test, { id, secret });
    const { address } = await party.start();
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(address.href);
    const consent = () => browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    return { html: page.html, logo: /<img class="application-logo" src="([^"]*)"/.exec(page.html)?.[1], page, consent };
  }

  it.each(Object.keys(SHOWN))(
    'is shown from our own origin, whatever its name and its server say: %s',
    async (name) => {
      const application = await create({ logo_uri: `${origin}/${name}` });
      expect(application.logo_uri).toBe(`${origin}/${name}`);
      expect((await signInPageOf(application)).logo).toBeUndefined();
      await refresh();
      const { logo, page, consent } = await signInPageOf(application);
      expect(logo).toMatch(new RegExp(`^/logos/${application.client_id}/[0-9a-f]{16}$`));
      expect(page.headers.get('content-security-policy')).toContain("img-src 'self' data:;");
      expect((await consent()).html).toContain(`src="${logo}"`);
      const image = await test.http.get(logo!).buffer(true);
      const [content, type] = SHOWN[name]!;
      expect([image.status, image.type, image.headers['x-content-type-options']]).toEqual([200, type, 'nosniff']);
      expect(image.headers['content-security-policy']).toBe("default-src 'none'; sandbox");
      expect(Buffer.compare(image.body as Buffer, content)).toBe(0);
    },
  );

  it.each([...Object.keys(REFUSED), 'missing.png', 'redirect.png'])('shows nothing where it is %s', async (name) => {
    const application = await create({ logo_uri: `${origin}/${name}` });
    await refresh();
    expect(requests).toContain(name);
    const { logo, html } = await signInPageOf(application);
    expect(logo).toBeUndefined();
    expect(html).toContain('login-submit');
    // Not tried again and again.
    requests = [];
    await refresh();
    expect(requests).not.toContain(name);
  });

  it('is fetched again when it changes, once a day, and sooner when it was missing', async () => {
    const application = await create({ logo_uri: `${origin}/changing.png` });
    await refresh();
    files['changing.png'] = png(10, 10);
    offset = 11 * 60_000;
    await refresh();
    const first = (await signInPageOf(application)).logo;
    expect(first).toBeDefined();
    files['changing.png'] = png(20, 20);
    await refresh();
    expect((await signInPageOf(application)).logo).toBe(first);
    offset = 25 * 3600_000;
    await refresh();
    const second = (await signInPageOf(application)).logo;
    expect(second).not.toBe(first);
    expect((await test.http.get(first!)).status).toBe(404);
    await change(application.client_id, { logo_uri: `${origin}/logo.gif` });
    expect((await signInPageOf(application)).logo).toBeUndefined();
    await refresh();
    expect((await signInPageOf(application)).logo).toBeDefined();
    await change(application.client_id, { logo_uri: null });
    await refresh();
    expect((await signInPageOf(application)).logo).toBeUndefined();
    expect(
      await test.app.database.connection
        .collection('application_logos')
        .countDocuments({ _id: application.client_id as never }),
    ).toBe(0);
  });

  it('is not fetched from private networks unless the operator allows it', async () => {
    const other = await startApp({ settings: { COHORT_ALLOW_PRIVATE_NETWORK_URLS: 'off' }, uri: test.uri });
    await create({ logo_uri: `${origin}/private.png` });
    files['private.png'] = png(5, 5);
    const task = other.app.modules.flatMap(({ tasks = [] }) => tasks).find(({ name }) => name === 'refresh-logos');
    await task!.run(new AbortController().signal);
    expect(requests).not.toContain('private.png');
    await other.app.stop();
  });

  it('is registered dynamically too, with policy and terms (RFC 7591)', async () => {
    const access = await test.app.makeRegistrationToken(60);
    const { body } = await test.http
      .post('/reg')
      .set('authorization', `Bearer ${access}`)
      .send({
        redirect_uris: [REDIRECT_URI],
        client_name: 'Registered',
        logo_uri: `${origin}/logo.png`,
        policy_uri: 'https://app.example.com/privacy',
        tos_uri: 'https://app.example.com/terms',
      });
    await refresh();
    const { logo, html } = await signInPageOf(body);
    expect(logo).toBeDefined();
    for (const uri of ['privacy', 'terms']) expect(html).toContain(`href="https://app.example.com/${uri}"`);
  });

  it('comes with links to policy and terms on the pages of the sign-in', async () => {
    const links = { policy_uri: 'https://app.example.com/privacy', tos_uri: 'https://app.example.com/terms' };
    const application = await create({ ...links, client_uri: 'https://app.example.com/' });
    const { html, consent } = await signInPageOf(application);
    for (const page of [html, (await consent()).html]) {
      expect(page).toContain(`href="${links.policy_uri}" rel="noopener noreferrer"`);
      expect(page).toContain(`href="${links.tos_uri}"`);
    }
    const bad = await change(application.client_id, { policy_uri: 'javascript:alert(1)' });
    expect([bad.status, bad.body.errors]).toEqual([
      400,
      [{ pointer: '#/policy_uri', detail: 'must be an http or https URL' }],
    ]);
  });
});
