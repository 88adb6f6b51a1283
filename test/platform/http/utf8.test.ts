import { adminToken, giveApplication, giveUser, giveService, startApp, type TestApp } from '../../support/app.ts';

const FORM = 'application/x-www-form-urlencoded';
const BYTE = Buffer.from([0xfc]);
/** Not UTF-8, in bytes as they are and percent-encoded: Latin-1, cut off, overlong, and half of a surrogate pair. */
const BROKEN = [BYTE, Buffer.from([0xc3]), Buffer.from([0xc0, 0xaf]), Buffer.from([0xed, 0xa0, 0x80])];
const percent = (bytes: Buffer) => [...bytes].map((byte) => `%${byte.toString(16)}`).join('');

/** Text that is not UTF-8 would be stored as something else, and a password sent like that could never be typed again. */
describe('text that is not UTF-8', () => {
  let test: TestApp;
  let token: string;
  let service: { id: string; secret: string };
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    service = await giveService(test, ['users:read']);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  async function send(path: string, body: Buffer | string, type: string, headers: Record<string, string> = {}) {
    const bytes = new Uint8Array(Buffer.from(body));
    const reply = await fetch(`${test.issuer}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body: bytes,
      redirect: 'manual',
    });
    const text = await reply.text();
    return { status: reply.status, type: reply.headers.get('content-type') ?? '', text };
  }
  const withToken = () => ({ authorization: `Bearer ${token}` });
  const asClient = () => ({
    authorization: `Basic ${Buffer.from(`${service.id}:${service.secret}`).toString('base64')}`,
  });
  const groups = () => test.app.database.connection.collection('groups').countDocuments();

  it.each(BROKEN)('is refused in a JSON body: %j', async (bytes) => {
    const before = await groups();
    const body = Buffer.concat([Buffer.from('{"name":"B'), bytes, Buffer.from('ro"}')]);
    const reply = await send('/v1/groups', body, 'application/json', withToken());
    expect(JSON.parse(reply.text)).toMatchObject({ status: 400, code: 'not_utf8' });
    expect(reply.type).toContain('application/problem+json');
    expect(await groups()).toBe(before);
  });

  it.each(BROKEN)('is refused in a form, as it is and percent-encoded: %j', async (bytes) => {
    for (const body of [
      Buffer.concat([Buffer.from('email=B'), bytes, Buffer.from('ro')]),
      `email=B${percent(bytes)}ro`,
    ]) {
      const reply = await send('/recover', body, FORM, { accept: 'text/html' });
      expect([reply.status, reply.text.includes('not_utf8')]).toEqual([400, true]);
      expect(reply.type).toContain('text/html');
    }
  });

  it.each(['/token', '/token/introspection', '/token/revocation', '/request'])(
    'is refused in the body of %s',
    async (path) => {
      for (const body of [Buffer.concat([Buffer.from('token=B'), BYTE]), 'token=B%FC', '%FC=1']) {
        const reply = await send(path, body, FORM, asClient());
        expect([reply.status, JSON.parse(reply.text)]).toEqual([
          400,
          { error: 'invalid_request', error_description: 'the body is not UTF-8' },
        ]);
      }
    },
  );

  it('is refused when an application registers itself', async () => {
    const authorization = `Bearer ${await test.app.makeRegistrationToken(600)}`;
    const body = Buffer.concat([
      Buffer.from('{"redirect_uris":["https://app.example.com/callback"],"client_name":"B'),
      BYTE,
      Buffer.from('ro"}'),
    ]);
    const reply = await send('/reg', body, 'application/json', { authorization });
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('is refused in an authorization request by POST', async () => {
    const { id } = await giveApplication(test);
    const reply = await send('/auth', `client_id=${id}&scope=openid&state=%FC`, FORM, { accept: 'text/html' });
    expect([reply.status, reply.text.includes('not_utf8')]).toEqual([400, true]);
  });

  it.each(['%FC', '%C3', '%ED%A0%80'])('is refused as %s in a query and a path', async (part) => {
    for (const path of [`/v1/groups?q=B${part}ro`, `/v1/groups/B${part}ro`]) {
      const { status, body } = await test.http.get(path).set('authorization', `Bearer ${token}`);
      expect([status, body.code]).toEqual([400, 'not_utf8']);
    }
    for (const path of [`/auth?client_id=B${part}ro`, `/console/users?q=${part}`, `/sign-in/${part}`]) {
      const page = await test.http.get(path).set('accept', 'text/html');
      expect([page.status, page.text.includes('not_utf8'), page.text.includes('%FC')]).toEqual([400, true, false]);
    }
    const { status, body } = await test.http.get(`/auth?state=${part}`).set('accept', 'application/json');
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it.each(['iso-8859-1', 'windows-1252', 'utf-16', 'utf-7'])(
    'is refused by the name of its charset, %s',
    async (name) => {
      const json = await send('/v1/groups', '{"name":"Named"}', `application/json; charset=${name}`, withToken());
      expect(JSON.parse(json.text)).toMatchObject({ status: 415, code: 'wrong_content_type' });
      expect(json.text).toContain(name);
      expect((await send('/recover', 'email=a', `${FORM}; charset="${name}"`)).status).toBe(415);
      expect((await send('/token', 'grant_type=x', `${FORM};charset=${name}`, asClient())).status).toBe(415);
    },
  );

  it('is all that is refused: every character of Unicode passes', async () => {
    const name = 'Büro für Ünïcödé 部門 ✈';
    const reply = await send(
      '/v1/groups',
      `\uFEFF${JSON.stringify({ name })}`,
      'application/json; charset="UTF-8"',
      withToken(),
    );
    expect([reply.status, JSON.parse(reply.text).result.name]).toEqual([201, name]);
    const found = await test.http.get('/v1/groups').query({ name }).set('authorization', `Bearer ${token}`);
    expect(found.body.result).toHaveLength(1);
    // A percent sign that encodes nothing is itself, as browsers send and read it.
    expect((await send('/recover', 'email=100%&x=%C3%BC', FORM)).status).toBe(400);
    expect(
      (await send('/token', 'grant_type=client_credentials&scope=users:read&x=100%', FORM, asClient())).status,
    ).toBe(200);
  });
});
