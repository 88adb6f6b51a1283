import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWK, type JWTVerifyGetKey } from 'jose';
import { createVerifiedTokens } from '../../../src/administration/admin-api/verified-tokens.ts';

describe('a token that has been verified', () => {
  const issuer = 'https://id.example.com';
  let pair: Awaited<ReturnType<typeof generateKeyPair>>;
  let keys: JWTVerifyGetKey;
  let claimsOf: ReturnType<typeof createVerifiedTokens>['claimsOf'];
  beforeEach(async () => {
    pair = await generateKeyPair('ES256');
    await publish(pair.publicKey);
    ({ claimsOf } = createVerifiedTokens(async (header, token) => keys(header, token), { issuer }));
  });

  async function publish(...published: (typeof pair.publicKey)[]): Promise<void> {
    const jwks = await Promise.all(
      published.map(async (key): Promise<JWK> => ({ ...(await exportJWK(key)), kid: 'k' })),
    );
    keys = createLocalJWKSet({ keys: jwks });
  }
  const sign = (seconds = 60, from = issuer) =>
    new SignJWT({ sub: 'service' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(from)
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(pair.privateKey);

  it('is not verified again', async () => {
    const token = await sign();
    const claims = await claimsOf(token);
    expect(claims.sub).toBe('service');
    expect(await claimsOf(token)).toBe(claims);
    expect(await claimsOf(await sign(61))).not.toBe(claims);
  });

  it('expires', async () => {
    const token = await sign(2);
    await claimsOf(token);
    await pause(2100);
    await expect(claimsOf(token)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  it('is worth nothing when its key is not published any more', async () => {
    const token = await sign();
    await claimsOf(token);
    await publish();
    await expect(claimsOf(token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await publish((await generateKeyPair('ES256')).publicKey);
    await expect(claimsOf(token)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    await publish(pair.publicKey);
    expect((await claimsOf(token)).sub).toBe('service');
  });

  it('is refused each time when it was refused once', async () => {
    const token = await sign(60, 'https://elsewhere.example.com');
    for (let times = 0; times < 2; times += 1)
      await expect(claimsOf(token)).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
  });
});
