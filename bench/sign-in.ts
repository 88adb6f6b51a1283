import { createHash, randomBytes } from 'node:crypto';
import { expectFields, expectForm, expectJson, expectJwt, expectRedirect, expectText, WrongAnswer } from './answers.ts';
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
}

/** A fresh browser through the whole sign-in: the request, the page, the password, back with a code. */
export async function signIn(http: Http, username: string): Promise<Code & { browser: Browser }> {
  const browser = createBrowser(http);
  const request = newRequest();
  const page = await browser.open(within(http, expectRedirect(await browser.open(request.path))));
  const action = within(http, expectForm(page, 'login-submit'));
  const accepted = await browser.submit(action, { login: username, password: PASSWORD });
  const back = await browser.open(within(http, expectRedirect(accepted)));
  return { browser, ...codeIn(back, request) };
}

/** A browser that is signed in already gets its code at once. */
export async function authorize(browser: Browser): Promise<Code> {
  const request = newRequest();
  return codeIn(await browser.open(request.path), request);
}

export async function redeem(http: Http, { code, verifier, nonce }: Code): Promise<Tokens> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: application.redirectUri,
    code_verifier: verifier,
  };
  const reply = await http.post('/token', { headers: { authorization: basic(application) }, form });
  const tokens = expectJson(reply);
  const { sub } = expectJwt(reply, tokens, 'id_token');
  expectFields(reply, expectJwt(reply, tokens, 'id_token'), { aud: application.id, nonce, ...claims });
  if (!sub) throw new WrongAnswer('A subject was expected in the ID token', reply);
  return {
    accessToken: expectText(reply, tokens, 'access_token'),
    refreshToken: expectText(reply, tokens, 'refresh_token'),
    subject: sub,
  };
}

/** HTTP Basic, as RFC 6749, section 2.3.1, has it for secrets that need no encoding. */
export function basic({ id, secret }: { id: string; secret: string }): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

interface AuthorizationRequest {
  path: string;
  state: string;
  verifier: string;
  nonce: string;
}

function newRequest(): AuthorizationRequest {
  const [state, verifier, nonce] = [random(), random(), random()];
  const query = new URLSearchParams({
    client_id: application.id,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope: SIGN_IN_SCOPE,
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
