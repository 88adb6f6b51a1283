import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { createPlainBrowser } from './plain-browser.ts';
import { demoApplication, demoService } from './sample-data.ts';

const ADMIN_SCOPES = 'users:read users:write users:delete groups:read groups:write roles:read roles:write';
const PASSWORD = 'Journey#2026';

/** What the journey ends with. */
export interface JourneyResult {
  groups: string[];
  groups_after_change: string[];
  roles: string[];
}

export interface JourneyOptions {
  issuer: string;
  redirectUri: string;
  /** Called after each step that held. */
  tick(step: string): void;
}

/** Walks the whole main job over HTTP: what a service, a customer and an application do. @throws when a step does not hold */
export async function walkJourney({ issuer, redirectUri, tick }: JourneyOptions): Promise<JourneyResult> {
  const insecure = { execute: [client.allowInsecureRequests] };
  const mark = randomBytes(3).toString('hex');

  const service = await client.discovery(new URL(issuer), demoService.id, demoService.secret, undefined, insecure);
  const { access_token: token } = await client.clientCredentialsGrant(service, { scope: ADMIN_SCOPES });
  tick('got a service token with client credentials');

  const api = createApi(issuer, token);
  const role = await api('POST', '/v1/roles', { name: `navigator ${mark}` });
  const group = await api('POST', '/v1/groups', {
    name: `Journey ${mark}`,
    description: 'Created by the demo',
    role_ids: [role['role_id']],
  });
  const second = await api('POST', '/v1/groups', { name: `Arrived ${mark}` });
  tick(`created groups: ${String(group['name'])}, ${String(second['name'])}`);
  const user = await api('POST', '/v1/users', {
    username: `journey-${mark}@example.com`,
    first_name: 'Jo',
    last_name: 'Rney',
    password: PASSWORD,
  });
  tick(`created customer: ${String(user['username'])}`);

  try {
    await api('POST', `/v1/groups/${String(group['group_id'])}/members`, { user_ids: [user['user_id']] });
    tick('added membership');

    const application = await client.discovery(
      new URL(issuer),
      demoApplication.id,
      demoApplication.secret,
      undefined,
      insecure,
    );
    const tokens = await signIn(application, redirectUri, String(user['username']), tick);
    const claims = await verifyIdToken(issuer, tokens.id_token);
    tick("verified the ID token's signature against the JWKS");
    const groups = expectStrings(claims['groups'], [`Journey ${mark}`]);
    const roles = expectStrings(claims['roles'], [`navigator ${mark}`]);
    tick(`ID token: groups ${JSON.stringify(groups)}, roles ${JSON.stringify(roles)}`);

    const userinfo = await client.fetchUserInfo(application, tokens.access_token, String(claims.sub));
    expectStrings(userinfo['groups'], groups);
    tick('userinfo has the same groups and roles');

    await api('POST', `/v1/groups/${String(second['group_id'])}/members`, { user_ids: [user['user_id']] });
    const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token!);
    const after = await verifyIdToken(issuer, refreshed.id_token);
    const groupsAfter = expectStrings(after['groups'], [`Arrived ${mark}`, `Journey ${mark}`]);
    tick(`after a membership change, the refreshed ID token has groups ${JSON.stringify(groupsAfter)}`);
    return { groups, groups_after_change: groupsAfter, roles };
  } finally {
    await api('DELETE', `/v1/users/${String(user['user_id'])}`);
    for (const { group_id: id } of [group, second]) await api('DELETE', `/v1/groups/${String(id)}`);
    await api('DELETE', `/v1/roles/${String(role['role_id'])}`);
  }
}

async function signIn(
  application: client.Configuration,
  redirectUri: string,
  login: string,
  tick: JourneyOptions['tick'],
) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const address = client.buildAuthorizationUrl(application, {
    redirect_uri: redirectUri,
    scope: 'openid profile email groups roles offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
  });
  const browser = createPlainBrowser({ stopAt: [redirectUri] });
  const signInPage = await browser.open(address.href);
  const consentPage = await browser.press(signInPage, 'login-submit', { login, password: PASSWORD });
  tick('signed in on the sign-in page');
  const back = await browser.press(consentPage, 'consent-submit');
  tick('consented on the consent page');
  const tokens = await client.authorizationCodeGrant(application, new URL(back.address), {
    pkceCodeVerifier,
    expectedState,
    idTokenExpected: true,
  });
  tick('redeemed the code with PKCE');
  return tokens;
}

async function verifyIdToken(issuer: string, idToken: string | undefined): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const { payload } = await jwtVerify(idToken ?? '', keys, {
    issuer,
    audience: demoApplication.id,
    algorithms: ['RS256'],
  });
  return payload;
}

function expectStrings(found: unknown, expected: string[]): string[] {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`Expected ${JSON.stringify(expected)}, but got ${JSON.stringify(found)}.`);
  }
  return expected;
}

function createApi(issuer: string, token: string) {
  return async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
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
