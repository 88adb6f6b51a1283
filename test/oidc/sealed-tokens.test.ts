import { createSealedTokens, SEALED_NAMES } from '../../src/oidc/provider/sealed-tokens.ts';
import { createEncryption } from '../../src/platform/encryption.ts';

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) });
const issuer = 'https://id.example.com';
const tokens = (keys = [key('first', 1)], of = issuer) =>
  createSealedTokens({ encryption: createEncryption(keys), issuer: of });
const payload = { jti: 'abc', clientId: 'app', grantId: 'grant', scope: 'openid groups', exp: 1_800_000_000 };

describe('a token that carries its own state', () => {
  it.each(SEALED_NAMES)('says what was put into it: %s', (name) => {
    const token = tokens().seal(name, { ...payload, kind: name })!;
    expect(tokens().open(name, token)).toEqual({ payload: { ...payload, kind: name } });
    expect(token).toMatch(/^cohort_[acr]t?c?_first\.[\w-]+$/);
  });

  it('is no token of another kind, of another issuer, or under another key', () => {
    const token = tokens().seal('AccessToken', payload)!;
    expect(tokens().open('RefreshToken', token)).toBeUndefined();
    expect(tokens().open('RefreshToken', token.replace('cohort_at_', 'cohort_rt_'))).toBeUndefined();
    expect(tokens([key('first', 1)], 'https://other.example.com').open('AccessToken', token)).toBeUndefined();
    expect(tokens([key('first', 2)]).open('AccessToken', token)).toBeUndefined();
    expect(tokens([key('second', 1)]).open('AccessToken', token)).toBeUndefined();
  });

  it('is no token any more when any part of it was changed', () => {
    const token = tokens().seal('AccessToken', payload)!;
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const opened = tokens().open('AccessToken', token.slice(0, at) + other + token.slice(at + 1));
      expect(opened && 'payload' in opened).toBeFalsy();
    }
    expect(tokens().open('AccessToken', '')).toBeUndefined();
    expect(tokens().open('AccessToken', 'cohort_at_first.')).toBeUndefined();
  });

  it('stays good while the key that it was encrypted with is configured', () => {
    const token = tokens().seal('RefreshToken', payload)!;
    const rotated = tokens([key('second', 2), key('first', 1)]);
    expect(rotated.open('RefreshToken', token)).toMatchObject({ payload });
    expect(rotated.seal('RefreshToken', payload)).toMatch(/^cohort_rt_second\./);
  });

  it('does not get longer than 1,000 characters: what does not fit is stored under its id', () => {
    expect(tokens().seal('AccessToken', { ...payload, scope: 'x'.repeat(800) })).toBeUndefined();
    const name = tokens().nameStored('AccessToken', 'some-id');
    expect(tokens().open('AccessToken', name)).toEqual({ id: 'some-id' });
  });
});
