import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { createPlainBrowser } from './plain-browser.ts';

/** An application of the demo. */
export interface Credentials {
  id: string;
  secret: string;
}

export const discover = (issuer: string, { id, secret }: Credentials): Promise<client.Configuration> =>
  client.discovery(new URL(issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] });

export interface SignInOptions {
  redirectUri: string;
  login: string;
  password: string;
  scope: string;
  /** Called after each step that held. */
  tick?(step: string): void;
}

/** Signs a customer in to an application, on the pages. */
export async function signIn(
  application: client.Configuration,
  { redirectUri, login, password, scope, tick = () => {} }: SignInOptions,
) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const address = client.buildAuthorizationUrl(application, {
    redirect_uri: redirectUri,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
  });
  const browser = createPlainBrowser({ stopAt: [redirectUri] });
  const signInPage = await browser.open(address.href);
  let page = await browser.press(signInPage, 'login-submit', { login, password });
  tick('signed in on the sign-in page');
  if (page.html.includes('consent-submit')) {
    page = await browser.press(page, 'consent-submit');
    tick('consented on the consent page');
  }
  if (!page.address.startsWith(redirectUri)) throw new Error(`The sign-in ended at ${page.address} (${page.status}).`);
  const tokens = await client.authorizationCodeGrant(application, new URL(page.address), {
    pkceCodeVerifier,
    expectedState,
    idTokenExpected: true,
  });
  tick('redeemed the code with PKCE');
  return tokens;
}

/** @throws when it is not an ID token for this application */
export async function verifyIdToken(
  issuer: string,
  audience: string,
  idToken: string | undefined,
): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const { payload } = await jwtVerify(idToken ?? '', keys, { issuer, audience, algorithms: ['RS256'] });
  return payload;
}

/** @throws when they differ */
export function expectStrings(found: unknown, expected: string[]): string[] {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`Expected ${JSON.stringify(expected)}, but got ${JSON.stringify(found)}.`);
  }
  return expected;
}

/** Makes a call of the admin API and returns its result. @throws when it is refused */
export type Call = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

export function createApi(issuer: string, token: string): Call {
  return async (method, path, body) => {
    const response = await fetch(`${issuer}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text ? (JSON.parse(text) as { result: Record<string, unknown> }).result : {};
  };
}
