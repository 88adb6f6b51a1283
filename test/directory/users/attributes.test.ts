import { USER_ATTRIBUTES } from '../../../config/profile-settings.ts';
import { adminToken, giveUser, startApp, type TestApp } from '../../support/app.ts';

const ALL = USER_ATTRIBUTES.join(' ');

const VALUES = {
  middle_name: 'King',
  nickname: 'Countess',
  profile: 'https://example.com/ada',
  website: 'http://ada.example/',
  gender: 'female',
  birthdate: '1815-12-10',
  phone_number: '+442071838750',
  phone_number_verified: true,
  address: {
    street_address: '12 St James’s Square\nFlat 2',
    locality: 'London',
    postal_code: 'SW1Y 4LB',
    country: 'UK',
  },
};
const NONE = {
  ...Object.fromEntries(Object.keys(VALUES).map((name) => [name, null])),
  phone_number_verified: false,
};

const clientOf = (test: TestApp, token: string) => (method: 'get' | 'patch' | 'post', path: string, body?: object) =>
  test.http[method](path).set('authorization', `Bearer ${token}`).send(body);

describe('the additional attributes of users', () => {
  let test: TestApp;
  let call: ReturnType<typeof clientOf>;
  let path: string;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: ALL } });
    call = clientOf(test, await adminToken(test));
  });
  afterAll(() => test.tearDown());
  beforeEach(async () => {
    const { body } = await call('post', '/v1/users', { username: `ada${Math.random()}@example.com` });
    path = `/v1/users/${body.result.user_id}`;
  });

  const events = () => test.app.database.connection.collection('audit_events').countDocuments();

  it('are given to a new user, read, changed and taken away', async () => {
    const { body: made } = await call('post', '/v1/users', { username: 'grace@example.com', ...VALUES });
    expect(made.result).toMatchObject(VALUES);
    const own = `/v1/users/${made.result.user_id}`;
    expect((await call('get', own)).body.result).toMatchObject(VALUES);
    expect((await call('patch', own, { nickname: 'Grace' })).body.result).toMatchObject({
      ...VALUES,
      nickname: 'Grace',
    });
    const nulls = { ...NONE, phone_number_verified: undefined };
    expect((await call('patch', own, nulls)).body.result).toMatchObject(NONE);
    const stored = await test.app.database.connection.collection('users').findOne({ username: 'grace@example.com' });
    expect(stored).not.toHaveProperty('attributes');
  });

  it('that are given again as they are write nothing', async () => {
    await call('patch', path, VALUES);
    const { headers } = await call('get', path);
    const before = await events();
    const reply = await call('patch', path, { ...VALUES, phone_number: '+44 (20) 7183-8750', nickname: ' Countess ' });
    expect([reply.status, reply.headers['etag'], await events()]).toEqual([200, headers['etag'], before]);
  });

  it.each([
    ['middle_name', '', '#/middle_name'],
    ['nickname', 'a'.repeat(101), '#/nickname'],
    ['nickname', 'Ada\u202Egnp', '#/nickname'],
    ['gender', 'a\nb', '#/gender'],
    ['profile', 'javascript:alert(1)', '#/profile'],
    ['website', 'https:ada.example', '#/website'],
    ['website', 'https://bank.example@evil.example/', '#/website'],
    ['website', 'https://ada.example/\u202E', '#/website'],
    ['website', `https://ada.example/${'a'.repeat(500)}`, '#/website'],
    ['birthdate', '1815-02-29', '#/birthdate'],
    ['birthdate', '10.12.1815', '#/birthdate'],
    ['birthdate', '0000', '#/birthdate'],
    ['birthdate', '0000-13-01', '#/birthdate'],
    ['phone_number', '020 7183 8750', '#/phone_number'],
    ['phone_number', '+44 (0)20 7183 8750', '#/phone_number'],
    ['phone_number', '+1234567890123456', '#/phone_number'],
    ['phone_number', '+٤٤٢٠٧١٨٣٨٧٥٠', '#/phone_number'],
    ['phone_number_verified', 'yes', '#/phone_number_verified'],
    ['phone_number_verified', true, '#/phone_number_verified'],
    ['address', 'London', '#/address'],
    ['address', { city: 'London' }, '#/address/city'],
    ['address', { locality: 'a\nb' }, '#/address/locality'],
    ['address', { street_address: 'a\u0000' }, '#/address/street_address'],
  ])('refuse %s as %j', async (name, value, pointer) => {
    const reply = await call('patch', path, { [name]: value });
    expect([reply.status, reply.body.code, reply.body.errors]).toEqual([
      400,
      'invalid_input',
      [{ pointer, detail: expect.any(String) }],
    ]);
  });

  it.each(['1815', '0000-02-29', '2000-02-29', '1815-12-10'])('take the birthdate %s', async (birthdate) => {
    expect((await call('patch', path, { birthdate })).body.result.birthdate).toBe(birthdate);
  });

  it('have an address without empty parts, and none without any part', async () => {
    const given = { locality: ' London ', region: '', street_address: 'One\r\nTwo' };
    const { body } = await call('patch', path, { address: given });
    expect(body.result.address).toEqual({ locality: 'London', street_address: 'One\nTwo' });
    const patch = { address: { street_address: null, country: 'UK' } };
    const merge = await call('patch', path).set('content-type', 'application/merge-patch+json').send(patch);
    expect(merge.body.result.address).toEqual({ locality: 'London', country: 'UK' });
    expect((await call('patch', path, { address: { locality: ' ' } })).body.result.address).toBeNull();
  });

  describe('a phone number', () => {
    const patch = async (change: object) => (await call('patch', path, change)).body.result;

    it('is not verified until somebody says so', async () => {
      expect(await patch({ phone_number: '+442071838750' })).toMatchObject({ phone_number_verified: false });
      expect(await patch({ phone_number_verified: true })).toMatchObject({ phone_number_verified: true });
      expect(await patch({ phone_number_verified: false })).toMatchObject({ phone_number_verified: false });
    });

    it('that changes is not verified any more, unless the change says so', async () => {
      await patch({ phone_number: '+442071838750', phone_number_verified: true });
      expect(await patch({ nickname: 'A' })).toMatchObject({ phone_number_verified: true });
      expect(await patch({ phone_number: '+442071838751' })).toMatchObject({ phone_number_verified: false });
      await patch({ phone_number_verified: true });
      const both = { phone_number: '+442071838752', phone_number_verified: true };
      expect(await patch(both)).toMatchObject(both);
    });

    it('that is taken away leaves nothing to be verified', async () => {
      await patch({ phone_number: '+442071838750', phone_number_verified: true });
      const reply = await call('patch', path, { phone_number: null, phone_number_verified: true });
      expect(reply.body.errors).toEqual([{ pointer: '#/phone_number_verified', detail: 'requires a phone_number' }]);
      expect(await patch({ phone_number: null })).toMatchObject({ phone_number: null, phone_number_verified: false });
      expect(await patch({ phone_number: '+442071838750' })).toMatchObject({ phone_number_verified: false });
    });
  });

  it('all stay when fifty changes of different ones race', async () => {
    const names = ['middle_name', 'nickname', 'gender'] as const;
    const changes = Array.from({ length: 50 }, (_, at) => ({ [names[at % 3]!]: `Value ${at % 3}` }));
    const replies = await Promise.all(changes.map((change) => call('patch', path, change)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await call('get', path)).body.result).toMatchObject({
      middle_name: 'Value 0',
      nickname: 'Value 1',
      gender: 'Value 2',
    });
  });
});

describe('an attribute that is not in use', () => {
  let test: TestApp;
  let call: ReturnType<typeof clientOf>;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_USER_ATTRIBUTES: 'nickname' } });
    call = clientOf(test, await adminToken(test));
  });
  afterAll(() => test.tearDown());

  const { nickname: _used, phone_number_verified: verified, ...unused } = VALUES;
  const detailOf = (name: string) => `is not in use; add ${name} to COHORT_USER_ATTRIBUTES to use it`;
  const faults = (prefix: string) => [
    ...Object.keys(unused).map((name) => ({ pointer: `${prefix}/${name}`, detail: detailOf(name) })),
    { pointer: `${prefix}/phone_number_verified`, detail: detailOf('phone_number') },
  ];

  it('is refused for new users, one or many, and in changes', async () => {
    const username = 'ada@example.com';
    const single = await call('post', '/v1/users', { username, ...VALUES });
    expect([single.status, single.body.errors]).toEqual([400, faults('#')]);
    const dry = await call('post', '/v1/users?dry_run=true', { username, ...VALUES });
    expect([dry.status, dry.body.errors]).toEqual([400, faults('#')]);
    const many = await call('post', '/v1/bulk/users', {
      users: [
        { username, nickname: 'A' },
        { username, ...VALUES },
      ],
    });
    expect([many.status, many.body.errors]).toEqual([400, faults('#/users/1')]);
    const { id } = await giveUser(test, username);
    const change = await call('patch', `/v1/users/${id}`, { ...unused, phone_number_verified: verified });
    expect([change.status, change.body.errors]).toEqual([400, faults('#')]);
    expect((await call('patch', `/v1/users/${id}`, { nickname: 'A' })).status).toBe(200);
  });

  it('stays stored, may be left as it is and taken away', async () => {
    const other = await startApp({ uri: test.uri, settings: { COHORT_USER_ATTRIBUTES: ALL } });
    try {
      const { id } = await giveUser(test, 'grace@example.com');
      const path = `/v1/users/${id}`;
      await clientOf(other, await adminToken(other))('patch', path, VALUES).expect(200);
      const changed = await call('patch', path, { ...VALUES, nickname: 'Grace', first_name: 'Grace' });
      expect(changed.body.result).toMatchObject({ ...VALUES, nickname: 'Grace' });
      expect((await call('patch', path, { gender: 'other' })).status).toBe(400);
      const { body } = await call('patch', path, { gender: null });
      expect(body.result).toMatchObject({ gender: null, birthdate: VALUES.birthdate });
    } finally {
      await other.app.stop();
    }
  });
});
