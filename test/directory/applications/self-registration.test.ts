import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveApplication, startApp, type TestApp } from '../../support/app.ts';
import { importRows } from '../../administration/import-export/files.ts';

const CALLBACK = 'https://app.example.com/callback';

/** Hosts that a browser takes, and that would end a directive of a security policy, or begin another one. */
const HOSTS = [
  'a;script-src',
  'a,b',
  "a'b",
  'a"b',
  'a!b',
  'a$b',
  'a(b)',
  'a=b',
  'a%3bb',
  'a%2cb',
  'a`b',
  'a{b}',
  'a~b',
];
const ADDRESSES = HOSTS.map((host) => `https://${host}.example.com/callback`);
const NAMES: Record<string, string> = {
  'with a mark that turns it around': 'Flight\u202Esnalp',
  'with a character that nobody sees': 'Flight\u200Bplans',
  'of 50,000 characters': 'x'.repeat(50_000),
  empty: ' ',
  'of Cohort': 'Cohort',
  'of Cohort in another form': ' ＣＯＨＯＲＴ ',
  'of the brand': 'Flying club',
  'of a page of ours': 'my  account',
};

/** Applications that register themselves keep the rules of those that an administrator makes, and so do imported ones. */
describe('an application', () => {
  let test: TestApp;
  let token: string;
  let registrations: string;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_BRAND_NAME: 'Flying club' } });
    token = await adminToken(test);
    registrations = await test.app.makeRegistrationToken(600);
  });
  afterAll(() => test.tearDown());

  const register = (metadata: object) =>
    test.http
      .post('/reg')
      .set('authorization', `Bearer ${registrations}`)
      .send({ redirect_uris: [CALLBACK], ...metadata });
  const api = (method: 'post' | 'patch', path: string, body: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);

  interface Registered {
    client_id: string;
    client_secret: string;
    registration_access_token: string;
  }
  const registered = async (metadata: object = {}): Promise<Registered> => {
    const { status, body } = await register({ client_name: 'Registered', ...metadata });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body as Registered;
  };
  const manage = (method: 'get' | 'put' | 'delete', { client_id: id, registration_access_token: rat }: Registered) =>
    test.http[method](`/reg/${id}`).set('authorization', `Bearer ${rat}`);

  const applications = () => test.app.database.connection.collection('applications').find().sort({ _id: 1 }).toArray();

  it.each(Object.entries(NAMES))('has no name %s, whichever way it comes', async (_what, name) => {
    const own = await registered();
    const other = await giveApplication(test);
    const before = await applications();
    expect((await register({ client_name: name })).body).toMatchObject({
      error: 'invalid_client_metadata',
      error_description: expect.stringMatching(/^client_name: /),
    });
    const changed = { client_id: own.client_id, redirect_uris: [CALLBACK], client_name: name };
    expect((await manage('put', own).send(changed)).body).toMatchObject({ error: 'invalid_client_metadata' });
    const created = await api('post', '/v1/applications', { name, redirect_uris: [CALLBACK] });
    expect(created.body).toMatchObject({ status: 400, errors: [{ pointer: '#/name' }] });
    const renamed = await api('patch', `/v1/applications/${other.id}`, { name });
    expect(renamed.body).toMatchObject({ status: 400, errors: [{ pointer: '#/name' }] });
    const rows = [{ client_id: 'imported', name, redirect_uris: [CALLBACK] }];
    expect((await importRows(test, 'applications', rows)).faults).toMatchObject([{ faults: [{ column: 'name' }] }]);
    expect(await applications()).toEqual(before);
  });

  it.each(ADDRESSES)('has no address %s, whichever way it comes', async (uri) => {
    const own = await registered();
    const other = await giveApplication(test);
    const before = await applications();
    for (const field of ['redirect_uris', 'post_logout_redirect_uris']) {
      const addresses = { redirect_uris: [CALLBACK], [field]: [uri] };
      expect((await register(addresses)).body).toMatchObject({ error: 'invalid_redirect_uri' });
      const changed = { client_id: own.client_id, ...addresses };
      expect((await manage('put', own).send(changed)).body).toMatchObject({ error: 'invalid_redirect_uri' });
      const fault = { status: 400, errors: [{ pointer: `#/${field}/0` }] };
      expect((await api('post', '/v1/applications', { name: 'New', ...addresses })).body).toMatchObject(fault);
      expect((await api('patch', `/v1/applications/${other.id}`, { [field]: [uri] })).body).toMatchObject(fault);
      const row = { client_id: 'imported', name: 'Imported' };
      for (const given of [addresses, { metadata: { response_types: ['code'], ...addresses } }])
        expect((await importRows(test, 'applications', [{ ...row, ...given }])).counts).toMatchObject({ failed: 1 });
    }
    expect(await applications()).toEqual(before);
  });

  it.each([
    'https://xn--bcher-kva.example.com/',
    'https://bücher.example.com/',
    'https://my_host.example.com:8443/cb?a=b;c,d',
    'http://127.0.0.1:3000/',
    'http://[::1]:3000/',
    'https://app.example.com/it’s;fine,here',
  ])('may have the address %s', async (uri) => {
    expect((await register({ redirect_uris: [uri] })).status).toBe(201);
    expect((await api('post', '/v1/applications', { name: 'New', redirect_uris: [uri] })).status).toBe(201);
  });

  it('from before these rules cannot say anything in the policy of the sign-in page', async () => {
    const { id } = await giveApplication(test, { name: 'Old' });
    const uri = "https://a;script-src 'unsafe-inline';b.example.com/".replaceAll(' ', '');
    const { connection } = test.app.database;
    const stored = await connection.collection<{ _id: string; metadata: string }>('applications').findOne({ _id: id });
    const metadata = { ...(JSON.parse(stored!.metadata) as object), redirect_uris: [uri] };
    const set = { $set: { metadata: JSON.stringify(metadata) } };
    await connection.collection<{ _id: string }>('applications').updateOne({ _id: id }, set);
    const query = new URLSearchParams({
      client_id: id,
      redirect_uri: uri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const authorize = async () => (await test.http.get('/auth').query(query.toString())).headers;
    // What is remembered of an application follows the database a moment later.
    let headers = await authorize();
    while (!headers['location']?.includes('/interaction/')) headers = await authorize();
    const cookie = (headers['set-cookie'] as unknown as string[]).map((each) => each.split(';')[0]).join('; ');
    const page = await test.http.get(new URL(headers['location'], test.issuer).pathname).set('cookie', cookie);
    expect(page.text).toContain('login-submit');
    expect(page.headers['content-security-policy']).toMatch(/; form-action 'self'$/);
  });

  it('that registered itself manages itself no more once an administrator gives it scopes', async () => {
    const service = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
    const own = await registered(service);
    const { body: before } = await manage('get', own);
    expect(before).toMatchObject({ client_secret: own.client_secret });
    await test.app.applications.update(system, own.client_id, { scopes: ['users:write'] });
    const { secret } = await test.app.applications.rotateSecret(system, own.client_id);
    const change = { ...service, client_id: own.client_id, client_name: 'Mine', token_endpoint_auth_method: 'none' };
    for (const request of [manage('get', own), manage('put', own).send(change), manage('delete', own)]) {
      const { status, body } = await request;
      expect({ status, body }).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    }
    // Also where a node has not heard of the scopes yet.
    const { register: keep, forgetRegistered, clientMetadata } = test.app.applications;
    const refused = { code: 'insufficient_scope' };
    await expect(keep({ ...change, client_secret: 'mine' })).rejects.toMatchObject(refused);
    await expect(forgetRegistered(own.client_id)).rejects.toMatchObject(refused);
    expect(await clientMetadata(own.client_id)).toMatchObject({ client_name: 'Registered', client_secret: secret });
    await test.app.applications.update(system, own.client_id, { scopes: [] });
    expect((await manage('get', own)).status).toBe(200);
  });

  it.each(['cohort', 'Cohort', 'registration', 'cohort-account', 'cohort-console', 'cohort-anything'])(
    'has not the client id %s',
    async (id) => {
      const created = await api('post', '/v1/applications', { client_id: id, name: 'New', redirect_uris: [CALLBACK] });
      expect(created.body).toMatchObject({ status: 409, code: 'client_id_taken' });
      const tried = await api('post', '/v1/applications?dry_run=true', {
        client_id: id,
        name: 'New',
        redirect_uris: [CALLBACK],
      });
      expect(tried.body).toMatchObject({ status: 409, code: 'client_id_taken' });
      const rows = [{ client_id: id, name: 'New', redirect_uris: [CALLBACK] }];
      expect((await importRows(test, 'applications', rows)).faults).toMatchObject([
        { faults: [{ column: 'client_id' }] },
      ]);
    },
  );

  it('is imported only with metadata that the provider would take', async () => {
    const base = { response_types: ['code'], redirect_uris: [CALLBACK] };
    const impossible: Record<string, object> = {
      'jwks that is no set': { jwks: 5 },
      'jwks with a private key': { jwks: { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB', d: 'y' }] } },
      'jwks with a symmetric key': { jwks: { keys: [{ kty: 'oct', k: 'x' }] } },
      'jwks twice': { jwks: { keys: [] }, jwks_uri: 'https://app.example.com/jwks' },
      'a key that is missing': { token_endpoint_auth_method: 'private_key_jwt' },
      'unsigned ID tokens': { id_token_signed_response_alg: 'none' },
      'an unknown algorithm': { id_token_signed_response_alg: 'XS256' },
      'an unknown method': { token_endpoint_auth_method: 'password' },
      'an unknown grant': { grant_types: ['password'] },
      'grants that are no list': { grant_types: 'authorization_code' },
      'response types that are no list': { response_types: { code: true } },
      'an unknown response type': { response_types: ['token'] },
      'addresses that are no list': { redirect_uris: 5 },
      'addresses that are no text': { redirect_uris: [5] },
      'an address of another kind': { backchannel_logout_uri: 'ftp://app.example.com/' },
      'a scope that is none': { scope: 'everything' },
      'a scope that is no text': { scope: 7 },
      'a flag that is none': { require_signed_request_object: 'yes' },
      'a time that is none': { default_max_age: -1 },
    };
    const rows = Object.entries(impossible).map(([name, metadata], index) => ({
      client_id: `impossible-${index}`,
      name: `Impossible ${index}`,
      metadata: { ...base, ...metadata },
      what: name,
    }));
    for (const { what, ...row } of rows) {
      const { faults } = await importRows(test, 'applications', [row]);
      const columns = faults.flatMap(({ faults: all }) => all.map(({ column }) => column));
      expect({ what, isRefused: columns.length > 0, columns }).toMatchObject({ what, isRefused: true });
    }
    const services: object[] = [
      {
        grant_types: ['client_credentials', 'authorization_code'],
        response_types: ['code'],
        redirect_uris: [CALLBACK],
      },
      { grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: [CALLBACK] },
      { redirect_uris: [CALLBACK] },
    ];
    for (const metadata of services) {
      const row = { client_id: 'robot', name: 'Robot', type: 'service', scopes: ['users:read'], metadata };
      expect((await importRows(test, 'applications', [row])).faults).toMatchObject([
        { faults: expect.arrayContaining([expect.objectContaining({ column: 'metadata' })]) },
      ]);
    }
    const possible = { ...base, id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'none' };
    const good = [{ client_id: 'possible', name: 'Possible', metadata: possible }];
    expect((await importRows(test, 'applications', good)).counts).toMatchObject({ created: 1 });
  });
});
