import { createSelfContainedTokens, TOKEN_NAMES } from '../../src/oidc/provider/self-contained-tokens.ts';
import { createEncryption } from '../../src/platform/encryption.ts';

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) });
const issuer = 'https://id.example.com';
const tokens = (keys = [key('first', 1)], of = issuer) =>
  createSelfContainedTokens({ encryption: createEncryption(keys), issuer: of });
const payload = { jti: 'abc', clientId: 'app', grantId: 'grant', scope: 'openid groups', exp: 1_800_000_000 };

describe('a token that carries its own state', () => {
  it.each(TOKEN_NAMES)('says what was put into it: %s', (name) => {
    const token = tokens().encode(name, { ...payload, kind: name })!;
    expect(tokens().decode(name, token)).toEqual({ payload: { ...payload, kind: name } });
    expect(token).toMatch(/^cohort_[acr]t?c?_first\.[\w-]+$/);
  });

  it('is no token of another kind, of another issuer, or under another key', () => {
    const token = tokens().encode('AccessToken', payload)!;
    expect(tokens().decode('RefreshToken', token)).toBeUndefined();
    expect(tokens().decode('RefreshToken', token.replace('cohort_at_', 'cohort_rt_'))).toBeUndefined();
    expect(tokens([key('first', 1)], 'https://other.example.com').decode('AccessToken', token)).toBeUndefined();
    expect(tokens([key('first', 2)]).decode('AccessToken', token)).toBeUndefined();
    expect(tokens([key('second', 1)]).decode('AccessToken', token)).toBeUndefined();
  });

  it('is no token any more when any part of it was changed', () => {
    const token = tokens().encode('AccessToken', payload)!;
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const decoded = tokens().decode('AccessToken', token.slice(0, at) + other + token.slice(at + 1));
      expect(decoded && 'payload' in decoded).toBeFalsy();
    }
    expect(tokens().decode('AccessToken', '')).toBeUndefined();
    expect(tokens().decode('AccessToken', 'cohort_at_first.')).toBeUndefined();
  });

  it('stays good while the key that it was encrypted with is configured', () => {
    const token = tokens().encode('RefreshToken', payload)!;
    const rotated = tokens([key('second', 2), key('first', 1)]);
    expect(rotated.decode('RefreshToken', token)).toMatchObject({ payload });
    expect(rotated.encode('RefreshToken', payload)).toMatch(/^cohort_rt_second\./);
  });

  it('does not get longer than 1,000 characters: what does not fit is stored under its id', () => {
    expect(tokens().encode('AccessToken', { ...payload, scope: 'x'.repeat(800) })).toBeUndefined();
    const name = tokens().nameStored('AccessToken', 'some-id');
    expect(tokens().decode('AccessToken', name)).toEqual({ id: 'some-id' });
  });
});
