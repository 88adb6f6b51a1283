import type { JWTPayload } from 'jose';
import { expectFields, expectJson, expectJwt, expectText, WrongAnswer } from './answers.ts';
import type { Reply } from './http.ts';
import type { Site } from './products/product.ts';
import { claims, type RelyingParty } from './sample.ts';
import type { Code } from './sign-in.ts';

export interface Tokens {
  client: RelyingParty;
  accessToken: string;
  refreshToken: string;
  subject: string;
  /** What the ID token says. */
  claims: JWTPayload;
}

/** Redeems a code; the ID token must say what is expected. */
export async function redeem(
  site: Site,
  { client, code, verifier, nonce }: Code,
  expected: Record<string, unknown> = claims,
): Promise<Tokens> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
  };
  return tokensIn(await askForTokens(site, client, form), client, { nonce, ...expected });
}

/** Redeems a refresh token, which stays as it is if the client has a secret and the product can tell. */
export async function renew(
  site: Site,
  { client, refreshToken }: Pick<Tokens, 'client' | 'refreshToken'>,
  expected: Record<string, unknown> = claims,
): Promise<Tokens> {
  const reply = await askForTokens(site, client, { grant_type: 'refresh_token', refresh_token: refreshToken });
  const tokens = tokensIn(reply, client, expected);
  const mustStay = site.product.keepsRefreshTokens && client.secret !== undefined;
  if (mustStay === (tokens.refreshToken === refreshToken)) return tokens;
  throw new WrongAnswer(`${mustStay ? 'The same' : 'Another'} refresh token was expected`, reply);
}

function askForTokens({ http, product }: Site, client: RelyingParty, form: Record<string, string>): Promise<Reply> {
  const { id, secret } = client;
  if (secret === undefined) return http.post(product.paths.token, { form: { ...form, client_id: id } });
  return http.post(product.paths.token, { headers: { authorization: basic({ id, secret }) }, form });
}

function tokensIn(reply: Reply, client: RelyingParty, expected: Record<string, unknown>): Tokens {
  const tokens = expectJson(reply);
  const said = expectJwt(reply, tokens, 'id_token');
  expectFields(reply, said, { aud: client.id, ...expected });
  if (!said.sub) throw new WrongAnswer('A subject was expected in the ID token', reply);
  return {
    client,
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

let count = 0;

/** Headers that make a request unlike all before it, so that no answer to one of them is good for it too. */
export function unheardOf(): Record<string, string> {
  count += 1;
  return { accept: `application/json, text/x-${count};q=0.1` };
}
