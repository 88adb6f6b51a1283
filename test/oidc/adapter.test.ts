import type { Adapter } from 'oidc-provider';
import { giveUser, startApp, type TestApp } from '../support/app.ts';
import { race, tally } from '../support/conformance/racing.ts';

const MODELS = [
  'AccessToken',
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'ClientCredentials',
  'DeviceCode',
  'Grant',
  'InitialAccessToken',
  'Interaction',
  'PreAuthorizedCode',
  'PushedAuthorizationRequest',
  'RefreshToken',
  'RegistrationAccessToken',
  'ReplayDetection',
  'Session',
];
/** Those that carry their own state, and are stored only when it is too long for a token. */
const PREFIXES: Record<string, string> = {
  AccessToken: 'cohort_at_',
  AuthorizationCode: 'cohort_ac_',
  ClientCredentials: 'cohort_ct_',
  RefreshToken: 'cohort_rt_',
};

describe("the adapter's contract", () => {
  let test: TestApp;
  let ada: string;
  let grace: string;
  beforeAll(async () => {
    test = await startApp();
    ada = (await giveUser(test, 'ada@example.com')).id;
    grace = (await giveUser(test, 'grace@example.com')).id;
  });
  afterAll(() => test.tearDown());

  /** A grant says until when it lives by now, which its tokens have a say in; a session, whose use prolongs it, too. */
  const withExpiry = (model: string, payload: object) =>
    model === 'Grant' || model === 'Session' ? { ...payload, exp: expect.any(Number) as number } : payload;
  const adapter = (model: string): Adapter => {
    const present = test.app.protocolStore.adapter(model);
    const find = (id: string) => present.find(typeof id === 'string' ? `${PREFIXES[model] ?? ''}${id}` : id);
    return { ...present, find };
  };
  const everythingStored = async () => {
    const collections = await test.app.database.connection.db!.listCollections().toArray();
    const contents = await Promise.all(
      collections
        .filter(({ name }) => name.startsWith('oidc_'))
        .map(({ name }) => test.app.database.connection.collection(name).find().toArray()),
    );
    return JSON.stringify(contents);
  };

  describe.each(MODELS)('%s', (model) => {
    it('gives back what was put in', async () => {
      const payload = { jti: `${model}-1`, kind: model, accountId: ada, nested: { a: [1, 'two'] }, iat: 1 };
      await adapter(model).upsert(`${model}-1`, payload, 60);
      expect(await adapter(model).find(`${model}-1`)).toEqual(withExpiry(model, payload));
    });

    it('replaces what was there', async () => {
      await adapter(model).upsert(`${model}-2`, { jti: `${model}-2`, accountId: ada }, 60);
      const next = { jti: `${model}-2`, accountId: grace };
      await adapter(model).upsert(`${model}-2`, next, 60);
      expect(await adapter(model).find(`${model}-2`)).toEqual(withExpiry(model, next));
    });

    it('finds nothing that is not there, was destroyed, or has expired, clean-up or not', async () => {
      expect(await adapter(model).find('unheard-of')).toBeUndefined();
      await adapter(model).upsert(`${model}-3`, { jti: `${model}-3` }, 60);
      await adapter(model).destroy(`${model}-3`);
      expect(await adapter(model).find(`${model}-3`)).toBeUndefined();
      await adapter(model).upsert(`${model}-4`, { jti: `${model}-4` }, -1);
      expect(await adapter(model).find(`${model}-4`)).toBeUndefined();
    });

    it('has an index that removes what expired', async () => {
      const name = test.app.database.connection.models[`Oidc${model}`]!.collection.name;
      const indexes = await test.app.database.connection.collection(name).indexes();
      expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
    });

    it('does not take an operator for an id', async () => {
      await adapter(model).upsert(`${model}-5`, { jti: `${model}-5` }, 60);
      await expect(adapter(model).find({ $ne: '' } as unknown as string)).rejects.toThrow();
    });
  });

  it.each(MODELS.filter((model) => model !== 'Grant'))('keeps no bearer value of %s in the clear', async (model) => {
    const secret = `bearer-value-of-${model}`;
    await adapter(model).upsert(
      secret,
      { jti: secret, session: { uid: 'u', cookie: `${secret}-cookie` }, deviceCode: `${secret}-device` },
      60,
    );
    if (model === 'Interaction')
      expect(await adapter(model).find(secret)).toMatchObject({
        deviceCode: `${secret}-device`,
        session: { uid: 'u' },
      });
    const stored = await everythingStored();
    expect(stored).not.toContain(`"${secret}"`);
    if (model === 'Interaction') expect(stored).not.toContain(`${secret}-`);
  });

  it('lets one of fifty redeem a code that carries its own state', async () => {
    await adapter('Grant').upsert('grant-of-code', { jti: 'grant-of-code' }, 60);
    const code = { jti: 'code-once', exp: Math.floor(Date.now() / 1000) + 60, grantId: 'grant-of-code' };
    const { redeem } = test.app.protocolStore.tokens;
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => redeem(code)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await adapter('Grant').find('grant-of-code')).toBeUndefined();
  });

  it.each(['DeviceCode', 'PushedAuthorizationRequest', 'BackchannelAuthenticationRequest'])(
    'lets one of fifty consume %s',
    async (model) => {
      await adapter('Grant').upsert(`grant-of-${model}`, { jti: `grant-of-${model}` }, 60);
      await adapter(model).upsert(`${model}-once`, { jti: `${model}-once`, grantId: `grant-of-${model}` }, 60);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, () => adapter(model).consume(`${model}-once`)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await adapter('Grant').find(`grant-of-${model}`)).toBeUndefined();
    },
  );

  it('does not undo a consumption when a stale copy is saved again', async () => {
    await adapter('DeviceCode').upsert('device-1', { jti: 'device-1' }, 60);
    await adapter('DeviceCode').consume('device-1');
    await adapter('DeviceCode').upsert('device-1', { jti: 'device-1' }, 60);
    expect(await adapter('DeviceCode').find('device-1')).toMatchObject({ consumed: expect.any(Number) });
  });

  it('finds a session by its uid and a device by its user code, with the id that can be saved again', async () => {
    await adapter('Session').upsert('session-id', { jti: 'session-id', uid: 'uid-1', accountId: ada }, 60);
    expect(await adapter('Session').findByUid('uid-1')).toEqual(
      withExpiry('Session', { jti: 'session-id', uid: 'uid-1', accountId: ada }),
    );
    await adapter('DeviceCode').upsert('device-2', { jti: 'device-2', userCode: 'BCDFGHJK' }, 60);
    expect(await adapter('DeviceCode').findByUserCode('BCDFGHJK')).toEqual({ jti: 'device-2', userCode: 'BCDFGHJK' });
  });

  it('removes everything of a user', async () => {
    await adapter('Session').upsert('session-2', { jti: 'session-2', uid: 'uid-2', accountId: 'grace' }, 60);
    await adapter('RefreshToken').upsert('refresh-2', { jti: 'refresh-2', accountId: 'grace' }, 60);
    await test.app.protocolStore.removeOfUsers(['grace']);
    expect(await adapter('Session').find('session-2')).toBeUndefined();
    expect(await adapter('RefreshToken').find('refresh-2')).toBeUndefined();
  });

  it('lets one of fifty bring a one-time id', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    expect(tally(await race(() => test.app.protocolStore.claimOnce('jti', expiresAt)))).toEqual({ true: 1, false: 49 });
  });

  it('decrypts no field that was moved to another document', async () => {
    await adapter('Session').upsert('session-a', { jti: 'session-a', uid: 'uid-a' }, 60);
    await adapter('Session').upsert('session-b', { jti: 'session-b', uid: 'uid-b' }, 60);
    const sessions = test.app.database.connection.collection('oidc_sessions');
    const stolen = await sessions.findOne({ uid: 'uid-a' });
    await sessions.updateOne({ uid: 'uid-b' }, { $set: { encrypted: stolen!['encrypted'] } });
    await expect(adapter('Session').findByUid('uid-b')).rejects.toThrow('could not be decrypted');
  });
});
