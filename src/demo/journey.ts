import { randomBytes } from 'node:crypto';
import * as client from 'openid-client';
import { createApi, discover, expectStrings, signIn, verifyIdToken } from './acting.ts';
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
  const mark = randomBytes(3).toString('hex');

  const service = await discover(issuer, demoService);
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

    const application = await discover(issuer, demoApplication);
    const tokens = await signIn(application, {
      redirectUri,
      login: String(user['username']),
      password: PASSWORD,
      scope: 'openid profile email groups roles offline_access',
      tick,
    });
    const claims = await verifyIdToken(issuer, demoApplication.id, tokens.id_token);
    tick("verified the ID token's signature against the JWKS");
    const groups = expectStrings(claims['groups'], [`Journey ${mark}`]);
    const roles = expectStrings(claims['roles'], [`navigator ${mark}`]);
    tick(`ID token: groups ${JSON.stringify(groups)}, roles ${JSON.stringify(roles)}`);

    const userinfo = await client.fetchUserInfo(application, tokens.access_token, String(claims.sub));
    expectStrings(userinfo['groups'], groups);
    tick('userinfo has the same groups and roles');

    await api('POST', `/v1/groups/${String(second['group_id'])}/members`, { user_ids: [user['user_id']] });
    const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token!);
    const after = await verifyIdToken(issuer, demoApplication.id, refreshed.id_token);
    const groupsAfter = expectStrings(after['groups'], [`Arrived ${mark}`, `Journey ${mark}`]);
    tick(`after a membership change, the refreshed ID token has groups ${JSON.stringify(groupsAfter)}`);
    return { groups, groups_after_change: groupsAfter, roles };
  } finally {
    await api('DELETE', `/v1/users/${String(user['user_id'])}`);
    for (const { group_id: id } of [group, second]) await api('DELETE', `/v1/groups/${String(id)}`);
    await api('DELETE', `/v1/roles/${String(role['role_id'])}`);
  }
}
