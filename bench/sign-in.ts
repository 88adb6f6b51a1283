import { createHash, randomBytes } from 'node:crypto';
import { expectPage, expectRedirect, redirectIn, WrongAnswer } from './answers.ts';
import { createBrowser, type Browser, type Http, type Reply } from './http.ts';
import type { Site } from './products/product.ts';
import { application, PASSWORD, SIGN_IN_SCOPE, type RelyingParty } from './sample.ts';

/** A code with what it takes to redeem it. */
export interface Code {
  client: RelyingParty;
  code: string;
  /** RFC 7636. */
  verifier: string;
  nonce: string;
}

export interface SignInOptions {
  scope?: string;
  client?: RelyingParty;
}

/** A fresh browser through the whole sign-in: the request, the page, the password, back with a code. */
export async function signIn(
  site: Site,
  username: string,
  { scope = SIGN_IN_SCOPE, client = application }: SignInOptions = {},
): Promise<Code & { browser: Browser }> {
  const browser = createBrowser(site.http);
  const request = newRequest(site, scope, client);
  const back = await submitPassword(site, browser, { path: request.path, username });
  return { browser, ...codeIn(back, request) };
}

/** A fresh browser at a page of the console, with somebody who may see it. */
export async function enterConsole(site: Site, username: string, path: string): Promise<Browser> {
  const browser = createBrowser(site.http);
  expectPage(await submitPassword(site, browser, { path, username }));
  return browser;
}

/** Opens a page that leads to the sign-in page, and returns where the sign-in leads. */
async function submitPassword(
  { http, product }: Site,
  browser: Browser,
  { path, username }: { path: string; username: string },
): Promise<Reply> {
  const page = await follow(http, browser, await browser.open(path));
  const { action, usernameField } = product.signInFormIn(page);
  const form = { [usernameField]: username, password: PASSWORD };
  return follow(http, browser, await browser.submit(within(http, action), form));
}

/** Where an answer leads in the end: a page, or a redirect to another origin. */
async function follow(http: Http, browser: Browser, reply: Reply): Promise<Reply> {
  const location = redirectIn(reply);
  if (location === undefined || new URL(location, http.origin).origin !== http.origin) return reply;
  return follow(http, browser, await browser.open(within(http, location)));
}

/** A browser that is signed in already gets its code at once. */
export async function authorize(site: Site, browser: Browser): Promise<Code> {
  const request = newRequest(site, SIGN_IN_SCOPE, application);
  return codeIn(await browser.open(request.path), request);
}

interface AuthorizationRequest {
  client: RelyingParty;
  path: string;
  state: string;
  verifier: string;
  nonce: string;
}

function newRequest({ product }: Site, scope: string, client: RelyingParty): AuthorizationRequest {
  const state = random();
  const verifier = random();
  const nonce = random();
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return { client, path: `${product.paths.authorization}?${query.toString()}`, state, verifier, nonce };
}

function codeIn(reply: Reply, { client, state, verifier, nonce }: AuthorizationRequest): Code {
  const location = expectRedirect(reply);
  const { searchParams } = new URL(location, 'http://elsewhere.example');
  const code = searchParams.get('code');
  const isRight = location.startsWith(`${client.redirectUri}?`) && searchParams.get('state') === state;
  if (!code || !isRight) throw new WrongAnswer(`A code for the application was expected, not ${location}`, reply);
  return { client, code, verifier, nonce };
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
