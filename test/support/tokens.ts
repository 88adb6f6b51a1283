import type { AdapterPayload } from 'oidc-provider';
import { createSelfContainedTokens, type TokenName } from '../../src/oidc/provider/self-contained-tokens.ts';
import { createEncryption } from '../../src/platform/encryption.ts';
import { KEY, type TestApp } from './app.ts';

const tokensOf = (issuer: string) =>
  createSelfContainedTokens({ encryption: createEncryption([{ id: 'test', key: KEY }]), issuer });

/** What a token says that carries its own state. */
export function openToken({ issuer }: TestApp, name: TokenName, token: string): AdapterPayload {
  const decoded = tokensOf(issuer).decode(name, token);
  if (!decoded || !('payload' in decoded)) throw new Error(`This is no ${name} with its own state.`);
  return decoded.payload;
}

/** The same token as if it had been issued with other contents. */
export function changeToken(
  test: TestApp,
  name: TokenName,
  token: string,
  change: (payload: Times) => AdapterPayload,
): string {
  // A cast, because the provider gives every token its times.
  const payload = change(openToken(test, name, token) as Times);
  return tokensOf(test.issuer).encode(name, payload)!;
}

export interface Times extends AdapterPayload {
  iat: number;
  exp: number;
  iiat: number;
}

/** A refresh token as if so much of its life had passed. */
export const ageRefreshToken = (test: TestApp, token: string, share: number): string =>
  changeToken(test, 'RefreshToken', token, (payload) => {
    const seconds = Math.ceil(share * (payload.exp - payload.iat));
    return { ...payload, iat: payload.iat - seconds, exp: payload.exp - seconds };
  });
