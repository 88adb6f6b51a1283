import { decodeProtectedHeader } from 'jose';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const DAY_MS = 24 * 3600 * 1000;

describe('signing keys', () => {
  let test: TestApp;
  let time: Date;
  beforeEach(async () => {
    time = new Date();
    test = await startApp({
      now: () => time,
      withNewKeys: true,
      settings: { COHORT_KEY_ROTATION_DAYS: '90', COHORT_KEY_OVERLAP_DAYS: '7' },
    });
  });
  afterEach(() => test.tearDown());

  const published = async ({ http }: TestApp) =>
    ((await http.get('/jwks')).body.keys as { kid: string; alg: string }[]).map(({ kid, alg }) => `${alg} ${kid}`);
  const rs256 = async () =>
    (await test.app.keys.current()).jwks.keys.filter(({ alg }) => alg === 'RS256').map(({ kid }) => kid);

  it('are made at the first start, one for each algorithm of the settings, and kept at the next', async () => {
    const before = await published(test);
    expect(before.map((key) => key.split(' ')[0])).toEqual(['RS256', 'PS256', 'ES256']);
    const next = await startApp({ uri: test.uri });
    expect(await published(next)).toEqual(before);
    await next.app.stop();
  });

  it('are encrypted in the database and never published with a private part', async () => {
    const stored = JSON.stringify(await test.app.database.connection.collection('keys').find().toArray());
    const { jwks } = await test.app.keys.current();
    for (const { d } of jwks.keys) expect(stored).not.toContain(d);
    expect(JSON.stringify((await test.http.get('/jwks')).body)).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/);
  });

  it('cannot be decrypted without their encryption key', async () => {
    const { connection } = test.app.database;
    await connection.collection('keys').updateMany({}, [{ $set: { encrypted: { $concat: ['$encrypted', 'A'] } } }]);
    await expect(test.app.keys.current()).rejects.toThrow('could not be decrypted');
  });

  it('rotate by command with an overlap, on every node, without a restart', async () => {
    const second = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    const party = await relyingParty(test, await giveApplication(test));
    await giveUser(test, 'ada@example.com');
    const signedBy = async () =>
      decodeProtectedHeader((await party.signIn({ login: 'ada@example.com' })).tokens.id_token!).kid;
    const old = await signedBy();
    const session = (await party.signIn({ login: 'ada@example.com' })).browser;

    await test.app.keys.rotate();
    for (const node of [test, second]) while ((await published(node)).length !== 6);
    const fresh = await signedBy();
    expect(fresh).not.toBe(old);
    for (const node of [test, second])
      expect(await published(node)).toEqual(expect.arrayContaining([`RS256 ${old}`, `RS256 ${fresh}`]));
    // Cookies signed by the key before are still good.
    expect((await session.open((await party.start()).address.href)).address).toContain('code=');

    time = new Date(time.getTime() + 8 * DAY_MS);
    await test.app.keys.rotateByAge();
    expect(await rs256()).toEqual([fresh]);
    await second.app.stop();
  });

  it('rotate by age: published one overlap before they sign, kept one overlap after', async () => {
    const [first] = await rs256();
    time = new Date(time.getTime() + 82 * DAY_MS);
    await test.app.keys.rotateByAge();
    expect(await rs256()).toEqual([first]);
    time = new Date(time.getTime() + 2 * DAY_MS);
    await test.app.keys.rotateByAge();
    await test.app.keys.rotateByAge();
    const [signing, coming, ...none] = await rs256();
    expect(signing).toBe(first);
    expect(none).toEqual([]);
    time = new Date(time.getTime() + 7 * DAY_MS);
    expect(await rs256()).toEqual([coming, first]);
    time = new Date(time.getTime() + 8 * DAY_MS);
    await test.app.keys.rotateByAge();
    expect(await rs256()).toEqual([coming]);
  });

  it('rotate for one algorithm alone', async () => {
    const before = await published(test);
    await test.app.keys.rotate('ES256');
    const after = (await test.app.keys.current()).jwks.keys.map(({ alg, kid }) => `${alg} ${kid}`);
    expect(after.filter((key) => !before.includes(key))).toEqual([expect.stringMatching(/^ES256 /)]);
    await expect(test.app.keys.rotate('EdDSA')).rejects.toMatchObject({ code: 'algorithm_not_in_use' });
  });

  it('go on signing where a rotation fails', async () => {
    const before = await test.app.keys.current();
    await test.app.database.connection.db!.command({
      collMod: 'keys',
      validator: { signsFrom: { $lt: new Date(0) } },
      validationLevel: 'strict',
    });
    await expect(test.app.keys.rotate()).rejects.toThrow();
    expect(await test.app.keys.current()).toEqual(before);
  });

  it('of an algorithm that is taken out of the settings verify what they signed, and sign nothing', async () => {
    const all = 'RS256 PS256 ES256 EdDSA';
    const wide = await startApp({ uri: test.uri, now: () => time, settings: { COHORT_SIGNING_ALGORITHMS: all } });
    const of = async ({ app }: TestApp) => (await app.keys.current()).jwks.keys.map(({ alg }) => alg).join(' ');
    expect(await of(wide)).toBe(all);
    await wide.app.stop();
    expect(await of(test)).toBe(all);
    expect((await test.http.get('/.well-known/openid-configuration')).body).toMatchObject({
      id_token_signing_alg_values_supported: ['RS256', 'PS256', 'ES256'],
    });
    await test.app.keys.rotateByAge();
    time = new Date(time.getTime() + 8 * DAY_MS);
    expect(await of(test)).toBe('RS256 PS256 ES256');
    const back = await startApp({ uri: test.uri, now: () => time, settings: { COHORT_SIGNING_ALGORITHMS: all } });
    expect(await of(back)).toBe(all);
    await back.app.stop();
  });

  it('rotate once when two nodes do it at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => test.app.keys.rotate()));
    expect((await rs256()).length).toBeLessThanOrEqual(3);
    const generations = (await test.app.database.connection.collection('keys').find({ use: 'RS256' }).toArray()).map(
      ({ generation }) => generation as number,
    );
    expect(new Set(generations).size).toBe(generations.length);
  });
});
