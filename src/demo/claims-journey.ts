import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as client from 'openid-client';
import { createApi, discover, expectStrings, signIn, verifyIdToken, type Call, type Credentials } from './acting.ts';
import { createStream, startReceiver, until } from './receivers.ts';
import { demoService } from './sample-data.ts';

const ADMIN_SCOPES = `users:read users:write users:delete groups:read groups:write applications:read applications:write
  webhooks:read webhooks:write audit:read`.replace(/\s+/g, ' ');
const PASSWORD = 'Journey#2026';
const CLAIMS_CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/token-claims-change';
/** A token that is issued this much later reports every change. */
const BOUND_MS = 2000;

export interface ClaimsJourneyOptions {
  issuer: string;
  redirectUri: string;
  /** Called with a line for each promise that held. */
  tick(step: string): void;
}

type Thing = Record<string, unknown>;
const idOf = (thing: Thing, field: string): string => String(thing[field]);

/** Shows over HTTP what Cohort promises about group claims, one after the other. @throws when one does not hold */
export async function walkClaims({ issuer, redirectUri, tick }: ClaimsJourneyOptions): Promise<void> {
  const mark = randomBytes(3).toString('hex');
  const service = await discover(issuer, demoService);
  const { access_token: token } = await client.clientCredentialsGrant(service, { scope: ADMIN_SCOPES });
  const api = createApi(issuer, token);
  const login = `claims-${mark}@example.com`;
  const user = await api('POST', '/v1/users', { username: login, first_name: 'Jo', password: PASSWORD });
  const groups: Thing[] = [];
  const group = async (name: string, more: object = {}) => {
    const made = await api('POST', '/v1/groups', { name: `${name} ${mark}`, ...more });
    groups.push(made);
    return idOf(made, 'group_id');
  };
  const made = await api('POST', '/v1/applications', { name: `Claims ${mark}`, redirect_uris: [redirectUri] });
  const credentials = { id: idOf(made, 'client_id'), secret: idOf(made, 'client_secret') };
  const about = { issuer, redirectUri, mark, api, login, userId: idOf(user, 'user_id'), credentials, group, tick };
  try {
    await periods(about);
    await access(about);
    await changes(about);
    await pastAndNames(about);
    await explanation(about);
  } finally {
    await api('DELETE', `/v1/users/${about.userId}`);
    await api('DELETE', `/v1/applications/${credentials.id}`);
    for (const { group_id: id } of groups.reverse()) await api('DELETE', `/v1/groups/${String(id)}`);
  }
}

interface About {
  issuer: string;
  redirectUri: string;
  mark: string;
  api: Call;
  login: string;
  userId: string;
  credentials: Credentials;
  group(name: string, more?: object): Promise<string>;
  tick(step: string): void;
}

const seconds = () => Math.floor(Date.now() / 1000);
const ofApplication = ({ credentials }: About, part: string) => `/v1/applications/${credentials.id}/${part}`;

async function signInTo({ issuer, credentials, redirectUri, login }: About) {
  const application = await discover(issuer, credentials);
  const scope = 'openid groups offline_access';
  const tokens = await signIn(application, { redirectUri, login, password: PASSWORD, scope });
  return { application, tokens, claims: await verifyIdToken(issuer, credentials.id, tokens.id_token) };
}

const join = ({ api, userId }: About, groupId: string, period: object = {}) =>
  api('POST', `/v1/groups/${groupId}/members`, { user_ids: [userId], ...period });
const leave = ({ api, userId }: About, groupId: string) => api('DELETE', `/v1/groups/${groupId}/members/${userId}`);

/** 1 and 2. */
async function periods(about: About): Promise<void> {
  const guests = await about.group('Guests');
  const until = seconds() + 4;
  await join(about, guests, { until });
  const { application, tokens, claims } = await signInTo(about);
  expectStrings(claims['groups'], [`Guests ${about.mark}`]);
  if (claims.exp! > until) throw new Error(`The ID token is valid until ${claims.exp}, after the membership ends.`);
  if (tokens.expires_in! > 4) throw new Error(`expires_in is ${tokens.expires_in}, after the membership ends.`);
  await pause((until - seconds()) * 1000 + 500);
  const refused = await client.fetchUserInfo(application, tokens.access_token, claims.sub!).catch(() => 'refused');
  if (refused !== 'refused') throw new Error('The access token outlived the membership.');
  const { claims: after } = await signInTo(about);
  expectStrings(after['groups'], []);
  about.tick('1 a membership ends by the clock: it is in the claim before, and not after');
  about.tick('2 no token outlives what it reports: exp and expires_in end with the membership');
}

/** 3. */
async function access(about: About): Promise<void> {
  const staff = await about.group('Staff');
  await about.api('PUT', ofApplication(about, 'access'), { access: 'groups', group_ids: [staff] });
  const refused = await signInTo(about).catch((error: Error) => error.message);
  if (typeof refused !== 'string') throw new Error('A user without access was signed in.');
  const answer = await about.api('GET', ofApplication(about, `access/users/${about.userId}`));
  if (answer['reason'] !== 'not_a_member') throw new Error(`The reason is ${String(answer['reason'])}.`);
  await join(about, staff);
  await signInTo(about);
  await about.api('PUT', ofApplication(about, 'access'), { access: 'everyone' });
  about.tick('3 access by group: refused with a reason, and given by a membership');
}

/** 4 and 5. */
async function changes(about: About): Promise<void> {
  const { api, credentials, issuer, userId, mark } = about;
  const allowed = await about.group('Allowed');
  await join(about, allowed);
  await api('PUT', ofApplication(about, 'access'), { access: 'groups', group_ids: [allowed] });
  await api('PUT', ofApplication(about, 'signals'), { shared_signals: true, on_access_lost: 'sign_out' });
  const receiver = await startReceiver();
  const webhook = await api('POST', '/v1/webhooks', { url: receiver.url, events: ['group.*'] });
  try {
    const { application, tokens } = await signInTo(about);
    const stream = await createStream(issuer, await discover(issuer, credentials), CLAIMS_CHANGE);
    const crew = await about.group('Crew');
    // Until it was noticed that the user knows the application, there is nothing to compare with.
    await pause(BOUND_MS);
    await join(about, crew);
    await pause(BOUND_MS);
    const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token!);
    const claims = await verifyIdToken(issuer, credentials.id, refreshed.id_token);
    expectStrings(claims['groups'], [`Allowed ${mark}`, `Crew ${mark}`, `Staff ${mark}`]);
    about.tick('4a a token issued two seconds after a change reports it');
    const told = await stream.poll();
    expectStrings(told['groups'], [`Allowed ${mark}`, `Crew ${mark}`, `Staff ${mark}`]);
    about.tick('4b shared signals: the application is told of the change to its own claim');
    await until('a webhook message', () => receiver.isSigned(String(webhook['secret']), 'group.members_added'));
    about.tick('4d a webhook is told, signed as Standard Webhooks libraries expect');
    await leave(about, crew);
    const residual = await api('GET', `/v1/users/${userId}/residual-access`);
    if (!JSON.stringify(residual).includes(`Crew ${mark}`)) throw new Error('Residual access does not name the group.');
    about.tick('5 residual access: says which tokens may still report a group that was left, and until when');
    await leave(about, allowed);
    const isRefused = () =>
      client.refreshTokenGrant(application, refreshed.refresh_token ?? tokens.refresh_token!).then(
        () => false,
        () => true,
      );
    await until('the end of refresh tokens', isRefused);
    about.tick('4c lost access: what was granted to the application has ended');
  } finally {
    await api('DELETE', `/v1/webhooks/${String(webhook['webhook_id'])}`);
    receiver.stop();
    await api('PUT', ofApplication(about, 'access'), { access: 'everyone' });
  }
}

/** 6 and 7. */
async function pastAndNames(about: About): Promise<void> {
  const { api, userId, mark } = about;
  const cabin = await about.group('Cabin');
  await join(about, cabin);
  await pause(1100);
  const then = seconds();
  await pause(1100);
  await leave(about, cabin);
  const before = await api('GET', `/v1/groups/${cabin}/members?as_of=${then}`);
  const now = await api('GET', `/v1/groups/${cabin}/members`);
  if (!JSON.stringify(before).includes(userId) || JSON.stringify(now).includes(userId))
    throw new Error('as_of does not answer for the moment.');
  about.tick('6 history: as_of lists the members of a moment ago, who have left since');
  await join(about, cabin);
  await api('PATCH', `/v1/groups/${cabin}`, { name: `Deck ${mark}` });
  await api('PUT', ofApplication(about, 'claim-policy'), { group_ids: [cabin], renamed_groups: 'both' });
  const { claims } = await signInTo(about);
  expectStrings(claims['groups'], [`Cabin ${mark}`, `Deck ${mark}`]);
  about.tick('7 a renamed group: the application receives both names');
}

/** 8. */
async function explanation(about: About): Promise<void> {
  const { api, userId, mark } = about;
  const pilots = await about.group('Pilots');
  const preview = await api('GET', ofApplication(about, `claims/${userId}?group_id=${pilots}`));
  const { reason, explanation: sentence } = preview['answer'] as Record<string, string>;
  if (reason !== 'not_a_member') throw new Error(`The reason is ${reason}.`);
  const { claims } = await signInTo(about);
  expectStrings((preview['id_token'] as Thing)['groups'], claims['groups'] as string[]);
  about.tick(`8 explanations: the preview is the token, and "${sentence}"`.replaceAll(` ${mark}`, ''));
}
