import { generateKeyPairSync } from 'node:crypto';
import { toLines } from '../../../src/administration/import-export/csv-cells.ts';
import { exportText, importText } from '../../administration/import-export/files.ts';
import { adminToken, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { enterConsole } from '../../support/console.ts';

/** Identifiers that the provider makes for applications which register themselves have any character of base64url first. */
const IDS = ['-sG9V1xkqYc3hT0b2LrPz', '_kq7Zt-0bV5nJm3wXyAc1', '--------------------d', '__proto__', '-h'];

describe.each(IDS)('a client ID such as %s', (id) => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    await giveUser(test, 'root@example.com', { kind: 'administrator' });
    await test.app.applications.register({
      client_id: id,
      client_name: 'Registered',
      redirect_uris: ['https://app.example.com/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'a secret of at least 32 characters',
    });
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) =>
    test.http[method](`/v1/applications/${id}${path}`).set('authorization', `Bearer ${token}`).send(body);

  it('can be listed, read, changed, imported and deleted', async () => {
    const list = await test.http.get('/v1/applications?q=Registered').set('authorization', `Bearer ${token}`);
    expect(list.body.result).toMatchObject([{ client_id: id }]);
    expect((await call('get', '')).body.result).toMatchObject({ client_id: id });
    expect((await call('patch', '', { description: 'Ours' })).body.result).toMatchObject({ description: 'Ours' });
    expect((await call('put', '/claim-policy', { limit: 10 })).status).toBe(200);
    expect((await call('post', '/secret')).body.result.client_secret).toEqual(expect.any(String));
    const user = await giveUser(test, 'ada@example.com');
    expect((await call('get', `/claims/${user.id}`)).status).toBe(200);
    const disconnect = await test.http
      .delete(`/v1/users/${user.id}/applications/${id}`)
      .set('authorization', `Bearer ${token}`);
    expect(disconnect.body.code).toBe('not_connected');

    for (const format of ['jsonl', 'csv'] as const) {
      const { counts, faults } = await importText(
        test,
        'applications',
        await exportText(test, 'applications', { format }),
        { format },
      );
      expect([counts.failed, faults]).toEqual([0, []]);
    }
    const csv = toLines([
      ['client_id', 'name'],
      [id, 'Renamed'],
    ]);
    expect((await importText(test, 'applications', csv, { format: 'csv' })).counts).toMatchObject({ updated: 1 });

    const { browser } = await enterConsole(test, 'root@example.com');
    for (const page of ['', '/claims', '/connect', '/preview', '/secret'])
      expect([page, (await browser.open(`${test.issuer}/console/applications/${id}${page}`)).status]).toEqual([
        page,
        200,
      ]);
    expect((await call('delete', '')).status).toBe(204);
    expect((await call('get', '')).status).toBe(404);
  });
});

it('says why an application has no secret that could be rotated', async () => {
  const test = await startApp();
  const token = await adminToken(test);
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const reply = await test.http
    .post('/reg')
    .set('authorization', `Bearer ${await test.app.makeRegistrationToken(600)}`)
    .send({
      redirect_uris: ['https://app.example.com/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicKey.export({ format: 'jwk' })] },
    });
  expect(reply.status).toBe(201);
  const rotate = (id: string) =>
    test.http.post(`/v1/applications/${id}/secret`).set('authorization', `Bearer ${token}`);
  expect((await rotate(reply.body.client_id as string)).body).toMatchObject({
    status: 409,
    code: 'no_secret',
    title: 'This application has no client secret.',
    detail: 'The application authenticates with private_key_jwt, without a client secret.',
  });
  const created = await test.http
    .post('/v1/applications')
    .set('authorization', `Bearer ${token}`)
    .send({ name: 'Public', type: 'spa', redirect_uris: ['https://app.example.com/callback'] });
  expect((await rotate(created.body.result.client_id as string)).body.detail).toBe(
    'Public clients have no client secret.',
  );
  await test.tearDown();
});
