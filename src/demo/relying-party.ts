import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import Koa from 'koa';
import * as client from 'openid-client';
import type { Assets } from '../platform/http/assets.ts';
import type { Views } from '../platform/http/views.ts';
import { demoApplication } from './sample-data.ts';

const SCOPE = 'openid profile email groups roles';

interface Visitor {
  codeVerifier?: string;
  state?: string;
  nonce?: string;
  idToken?: string;
  claims?: client.IDToken;
}

export interface RelyingPartyOptions {
  issuer: string;
  address: string;
  views: Views;
  assets: Assets;
}

/** A small application that signs users in with Cohort and shows what it learned about them. */
export async function createRelyingParty({ issuer, address, views, assets }: RelyingPartyOptions): Promise<Server> {
  const cohort = await client.discovery(new URL(issuer), demoApplication.id, demoApplication.secret, undefined, {
    execute: [client.allowInsecureRequests],
  });
  const visitors = new Map<string, Visitor>();

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', address);
    const visitor = visitorOf(req, res);
    switch (`${req.method} ${url.pathname}`) {
      case 'GET /':
        return send(res, await views.render('demo/application', toModel(visitor), { language: 'en' }));
      case 'POST /sign-in':
        return redirect(res, await signInAddress(visitor));
      case 'GET /callback':
        await finishSignIn(url, visitor);
        return redirect(res, '/');
      case 'POST /sign-out':
        return redirect(res, signOutAddress(visitor));
      default:
        res.writeHead(404).end();
    }
  }

  function visitorOf(req: IncomingMessage, res: ServerResponse): Visitor {
    const { demo: known } = parseCookie(req.headers.cookie ?? '');
    const id = known && visitors.has(known) ? known : randomUUID();
    const visitor = visitors.get(id) ?? {};
    visitors.set(id, visitor);
    const cookie = { name: 'demo', value: id, httpOnly: true, sameSite: 'lax', path: '/' } as const;
    if (id !== known) res.setHeader('set-cookie', stringifySetCookie(cookie));
    return visitor;
  }

  async function signInAddress(visitor: Visitor): Promise<string> {
    visitor.codeVerifier = client.randomPKCECodeVerifier();
    visitor.state = client.randomState();
    visitor.nonce = client.randomNonce();
    return client.buildAuthorizationUrl(cohort, {
      redirect_uri: `${address}/callback`,
      scope: SCOPE,
      code_challenge: await client.calculatePKCECodeChallenge(visitor.codeVerifier),
      code_challenge_method: 'S256',
      state: visitor.state,
      nonce: visitor.nonce,
    }).href;
  }

  async function finishSignIn(url: URL, visitor: Visitor): Promise<void> {
    if (!visitor.codeVerifier || !visitor.state || !visitor.nonce || url.searchParams.has('error')) return;
    const tokens = await client.authorizationCodeGrant(cohort, url, {
      pkceCodeVerifier: visitor.codeVerifier,
      expectedState: visitor.state,
      expectedNonce: visitor.nonce,
      idTokenExpected: true,
    });
    visitor.claims = tokens.claims()!;
    visitor.idToken = tokens.id_token!;
  }

  function signOutAddress(visitor: Visitor): string {
    const { idToken } = visitor;
    delete visitor.claims;
    delete visitor.idToken;
    if (!idToken) return '/';
    return client.buildEndSessionUrl(cohort, { id_token_hint: idToken, post_logout_redirect_uri: `${address}/` }).href;
  }

  const koa = new Koa();
  koa.silent = true;
  koa.use(assets.serve);
  koa.use(async (ctx) => {
    ctx.respond = false;
    try {
      await answer(ctx.req, ctx.res);
    } catch (error) {
      console.error(error);
      if (!ctx.res.headersSent) ctx.res.writeHead(500, { 'content-type': 'text/plain' });
      ctx.res.end('The demo application failed; see its log.');
    }
  });
  const callback = koa.callback();
  return createServer((req, res) => void callback(req, res));
}

/** What the page of the application shows of its visitor. */
function toModel({ claims }: Visitor) {
  const listOf = (name: string) => ((claims?.[name] ?? []) as string[]).join(', ') || 'none';
  return { claims, groups: listOf('groups'), roles: listOf('roles'), json: JSON.stringify(claims, null, 2) };
}

function send(res: ServerResponse, html: string): void {
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(html);
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(303, { location }).end();
}
