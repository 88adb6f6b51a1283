import { createHash, randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import {
  expectFields,
  expectForm,
  expectJson,
  expectJwt,
  expectPage,
  expectRedirect,
  expectText,
  WrongAnswer,
} from './answers.ts';
import { createBrowser, type Browser, type Http, type Reply } from './http.ts';
import { application, claims, PASSWORD, SIGN_IN_SCOPE } from './sample.ts';

/** A code with what it takes to redeem it. */
export interface Code {
  code: string;
  /** RFC 7636. */
  verifier: string;
  nonce: string;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  subject: string;
  /** What the ID token says. */
  claims: JWTPayload;
}

/** A fresh browser through the whole sign-in: the request, the page, the password, back with a code. */
export async function signIn(
  http: Http,
  username: string,
  scope = SIGN_IN_SCOPE,
): Promise<Code & { browser: Browser }> {
  const browser = createBrowser(http);
  const request = newRequest(scope);
  const page = await browser.open(within(http, expectRedirect(await browser.open(request.path))));
  const action = within(http, expectForm(page, 'login-submit'));
  const accepted = await browser.submit(action, { login: username, password: PASSWORD });
  const back = await browser.open(within(http, expectRedirect(accepted)));
  return { browser, ...codeIn(back, request) };
}

/** A fresh browser at a page of the console, with somebody who may see it. */
export async function enterConsole(http: Http, username: string, path: string): Promise<Browser> {
  const browser = createBrowser(http);
  const page = await follow(http, browser, await browser.open(path));
  const action = within(http, expectForm(page, 'login-submit'));
  const entered = await follow(http, browser, await browser.submit(action, { login: username, password: PASSWORD }));
  expectPage(entered);
  return browser;
}

/** Where an answer leads in the end. */
async function follow(http: Http, browser: Browser, reply: Reply): Promise<Reply> {
  if (reply.status !== 303) return reply;
  return follow(http, browser, await browser.open(within(http, expectRedirect(reply))));
}

/** A browser that is signed in already gets its code at once. */
export async function authorize(browser: Browser): Promise<Code> {
  const request = newRequest(SIGN_IN_SCOPE);
  return codeIn(await browser.open(request.path), request);
}

/** Redeems a code; the ID token must say what is expected. */
export async function redeem(
  http: Http,
  { code, verifier, nonce }: Code,
  expected: Record<string, unknown> = claims,
): Promise<Tokens> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: application.redirectUri,
    code_verifier: verifier,
  };
  return tokensIn(await http.post('/token', { headers: asApplication, form }), { nonce, ...expected });
}

/** Redeems a refresh token, which stays as it is: the application has a secret. */
export async function renew(
  http: Http,
  refreshToken: string,
  expected: Record<string, unknown> = claims,
): Promise<Tokens> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const reply = await http.post('/token', { headers: asApplication, form });
  const tokens = tokensIn(reply, expected);
  if (tokens.refreshToken !== refreshToken) throw new WrongAnswer('The same refresh token was expected', reply);
  return tokens;
}

function tokensIn(reply: Reply, expected: Record<string, unknown>): Tokens {
  const tokens = expectJson(reply);
  const said = expectJwt(reply, tokens, 'id_token');
  expectFields(reply, said, { aud: application.id, ...expected });
  if (!said.sub) throw new WrongAnswer('A subject was expected in the ID token', reply);
  return {
    accessToken: expectText(reply, tokens, 'access_token'),
    refreshToken: expectText(reply, tokens, 'refresh_token'),
    subject: said.sub,
    claims: said,
  };
}

/** HTTP Basic, as RFC 6749, section 2.3.1, has it for secrets that need no encoding. */
export function basic({ id, secret }: { id: string; secret: string }): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

const asApplication = { authorization: basic(application) };

interface AuthorizationRequest {
  path: string;
  state: string;
  verifier: string;
  nonce: string;
}

function newRequest(scope: string): AuthorizationRequest {
  const state = random();
  const verifier = random();
  const nonce = random();
  const query = new URLSearchParams({
    client_id: application.id,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return { path: `/auth?${query.toString()}`, state, verifier, nonce };
}

function codeIn(reply: Reply, { state, verifier, nonce }: AuthorizationRequest): Code {
  const location = expectRedirect(reply);
  const { searchParams } = new URL(location, 'http://elsewhere.example');
  const code = searchParams.get('code');
  const isRight = location.startsWith(`${application.redirectUri}?`) && searchParams.get('state') === state;
  if (!code || !isRight) throw new WrongAnswer(`A code for the application was expected, not ${location}`, reply);
  return { code, verifier, nonce };
}

/** The path of an address at this server. */
function within(http: Http, address: string): string {
  const { origin, pathname, search } = new URL(address, http.origin);
  if (origin !== http.origin) throw new Error(`A sign-in led away from ${http.origin}, to ${origin}.`);
  return `${pathname}${search}`;
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
