import type { AdapterPayload } from 'oidc-provider';
import { createSealedTokens, type SealedName } from '../../src/oidc/provider/sealed-tokens.ts';
import { createEncryption } from '../../src/platform/encryption.ts';
import { KEY, type TestApp } from './app.ts';

const sealed = (issuer: string) =>
  createSealedTokens({ encryption: createEncryption([{ id: 'test', key: KEY }]), issuer });

/** What a token says that carries its own state. */
export function openToken({ issuer }: TestApp, name: SealedName, token: string): AdapterPayload {
  const opened = sealed(issuer).open(name, token);
  if (!opened || !('payload' in opened)) throw new Error(`This is no ${name} with its own state.`);
  return opened.payload;
}

/** The same token as if it had been issued with other contents. */
export function changeToken(
  test: TestApp,
  name: SealedName,
  token: string,
  change: (payload: Times) => AdapterPayload,
): string {
  // A cast, because the provider gives every token its times.
  const payload = change(openToken(test, name, token) as Times);
  return sealed(test.issuer).seal(name, payload)!;
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
