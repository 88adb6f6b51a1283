import * as client from 'openid-client';
import { decodeJwt } from 'jose';
import { createPlainBrowser, type PlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import { PASSWORD, REDIRECT_URI, type TestApp } from './app.ts';

type Credentials = { id: string; secret: string };

export interface SignInOptions {
  login: string;
  password?: string;
  scope?: string;
  parameters?: Record<string, string>;
  browser?: PlainBrowser;
  redirectUri?: string;
}

/** An application under test, on the openid-client library. */
export async function relyingParty(
  { issuer }: TestApp,
  { id, secret }: Credentials,
  authentication?: client.ClientAuth,
) {
  const auth = authentication ?? (secret ? client.ClientSecretBasic(secret) : client.None());
  const config = await client.discovery(new URL(issuer), id, undefined, auth, {
    execute: [client.allowInsecureRequests],
  });

  async function start({ scope = 'openid', parameters = {}, redirectUri = REDIRECT_URI }: Partial<SignInOptions> = {}) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return { address, verifier, state, nonce };
  }

  /** Signs a user in on the pages and stops in front of the application's redirect address. */
  async function authorize(options: SignInOptions) {
    const { login, password = PASSWORD, redirectUri = REDIRECT_URI } = options;
    const browser = options.browser ?? createPlainBrowser({ stopAt: [redirectUri] });
    const request = await start(options);
    let visit = await browser.open(request.address.href);
    if (visit.html.includes('login-submit')) visit = await browser.press(visit, 'login-submit', { login, password });
    if (visit.html.includes('consent-submit')) visit = await browser.press(visit, 'consent-submit');
    return { ...request, browser, visit };
  }

  async function redeem({
    visit,
    verifier,
    state,
    nonce,
  }: {
    visit: Visit;
    verifier: string;
    state: string;
    nonce: string;
  }) {
    return client.authorizationCodeGrant(config, new URL(visit.address), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
  }

  /** The whole way: sign in, consent where asked, redeem the code. */
  async function signIn(options: SignInOptions) {
    const authorized = await authorize(options);
    if (!authorized.visit.address.startsWith(options.redirectUri ?? REDIRECT_URI)) {
      throw new Error(`The sign-in ended at ${authorized.visit.address} (${authorized.visit.status}).`);
    }
    const tokens = await redeem(authorized);
    return { ...authorized, tokens, idToken: decodeJwt(tokens.id_token!) };
  }

  return { config, start, authorize, redeem, signIn };
}
