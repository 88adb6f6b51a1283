import supertest from 'supertest';
import { loadConfig } from '../../config/load.ts';
import { createApp, type App } from '../../src/app/app.ts';
import { system } from '../../src/platform/actor.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { holdPort } from '../../src/platform/free-port.ts';
import type { NewApplication } from '../../src/directory/applications/application.ts';
import type { AdminRole } from '../../src/directory/users/admin-role.ts';
import { markOf, type OwnSession } from '../../src/directory/users/proof.ts';
import { basePathOf } from '../../src/platform/issuer.ts';
import { createLog, type Log } from '../../src/platform/http/log.ts';
import { dropDatabase } from './database.ts';
import { giveBack, startOn, takeDatabase } from './spare-databases.ts';

/** A running Cohort with a database of its own, as a test sees it. */
export interface TestApp {
  app: App;
  issuer: string;
  port: number;
  /** The same database, for a second node beside the first. */
  uri: string;
  http: ReturnType<typeof supertest>;
  /** Path and query of an address of this Cohort, without the path of its issuer; undefined for no address. */
  inside(address: string | undefined): string | undefined;
  /** Stops it; nobody needs its database any more. */
  tearDown(): Promise<void>;
}

export const PASSWORD = 'Cohort#2026';

export const KEY = Buffer.alloc(32, 7);

export const ENCRYPTION_KEYS = [{ id: 'test', key: KEY }];

/** Starts an app on the test run's MongoDB. `settings` are environment variables; hashing is cheap unless they say otherwise. */
export async function startApp({
  settings = {},
  uri: shared,
  now = systemClock,
  log,
  port,
  withNewKeys = false,
}: {
  settings?: Record<string, string>;
  uri?: string;
  now?: Clock;
  log?: Log;
  port?: number;
  /** For tests of the keys: others do not notice that these are older than the app. */
  withNewKeys?: boolean;
} = {}): Promise<TestApp> {
  const own = shared === undefined ? takeDatabase() : undefined;
  const uri = shared ?? own!.uri;
  const held = port === undefined ? await holdPort() : undefined;
  const listening = port ?? held!.port;
  // COHORT_TEST_PATH=/auth runs the same tests below a path.
  const issuer = `http://localhost:${listening}${process.env['COHORT_TEST_PATH'] ?? ''}`;
  const environment = {
    COHORT_ISSUER: issuer,
    COHORT_PORT: String(listening),
    COHORT_LOG_LEVEL: 'silent',
    COHORT_ARGON2_MEMORY_KIB: '1024',
    COHORT_SIGN_IN_ATTEMPTS: '1000',
    COHORT_SIGN_IN_ATTEMPTS_PER_IP: '100000',
    COHORT_ACCOUNT_EMAILS_PER_HOUR: '1000',
    COHORT_ACCOUNT_EMAILS_PER_HOUR_PER_IP: '100000',
    COHORT_API_REQUESTS_PER_MINUTE: '1000000',
    COHORT_SHUTDOWN_GRACE_SECONDS: '2',
    ...settings,
  };
  const config = loadConfig(environment);
  const base = basePathOf(config.issuer);
  const app = await createApp({
    config,
    uri,
    encryptionKeys: ENCRYPTION_KEYS,
    log: log ?? createLog(config.logLevel),
    environment,
    now,
  });
  const algorithms = config.signingAlgorithms;
  if (own && withNewKeys) own.signingKeys = [];
  if (own) await startOn(own, app, { encryptionKeys: ENCRYPTION_KEYS, algorithms, now: now() });
  else await app.start({ withTasks: false });
  await held?.release();
  await app.http.listen(listening, '127.0.0.1');
  return {
    app,
    issuer: config.issuer,
    port: listening,
    uri,
    http: supertest(`http://127.0.0.1:${listening}${base}`),
    inside(address) {
      if (address === undefined) return undefined;
      const { pathname, search } = new URL(address, config.issuer);
      return pathname.startsWith(`${base}/`) ? `${pathname.slice(base.length)}${search}` : pathname;
    },
    async tearDown() {
      await app.stop();
      await (own ? giveBack(own) : dropDatabase(uri));
    },
  };
}

interface UserTraits {
  kind?: 'customer' | 'administrator';
  password?: string;
  temporary?: boolean;
  firstName?: string;
  lastName?: string;
  /** An administrator is an owner unless told otherwise. */
  adminRoles?: AdminRole[];
}

interface ApplicationTraits {
  type?: 'web' | 'spa' | 'native';
  redirectUri?: string;
  skipConsent?: boolean;
  requirePkce?: boolean;
  requiresSecondFactor?: boolean;
  name?: string;
  /** Client metadata by their registered names. */
  protocol?: Partial<NewApplication>;
}

/** Ada, Grace and other people; a customer with a password unless `kind` or `password` say otherwise. */
export async function giveUser(
  { app }: TestApp,
  username: string,
  {
    kind = 'customer',
    password = PASSWORD,
    temporary = false,
    firstName = '',
    lastName = '',
    adminRoles = kind === 'administrator' ? ['owner'] : [],
  }: UserTraits = {},
) {
  const hash = await app.credentials.prepare(password, username, '#/password');
  const user = { username, first_name: firstName, last_name: lastName, kind, custom_data: {}, admin_roles: adminRoles };
  return app.users.create(system, user, { hash, temporary });
}

/** What a user's own change is made in; there is no such session, so every one of theirs ends. */
export async function ownSession({ app }: TestApp, userId: string): Promise<OwnSession> {
  return { userId, mark: markOf(await app.users.get(userId)), uid: 'none' };
}

export async function giveGroup(
  { app }: TestApp,
  name: string,
  memberIds: string[] = [],
  roleIds: string[] = [],
  {
    requires_second_factor = false,
    parent_id = null,
  }: { requires_second_factor?: boolean; parent_id?: string | null } = {},
) {
  const wanted = { name, description: '', custom_data: {}, role_ids: roleIds, parent_id, requires_second_factor };
  const group = await app.groups.create(system, wanted);
  if (memberIds.length > 0) await app.memberships.add(system, group.id, { userIds: memberIds });
  return group;
}

export const giveRole = ({ app }: TestApp, name: string, { requires_second_factor = false } = {}) =>
  app.roles.create(system, { name, description: '', requires_second_factor });

export const REDIRECT_URI = 'https://app.example.com/callback';

/** An application that signs people in; a web application that need not ask for consent unless told otherwise. */
export async function giveApplication(
  { app }: TestApp,
  {
    type = 'web',
    redirectUri = REDIRECT_URI,
    skipConsent = true,
    requirePkce = false,
    requiresSecondFactor = false,
    name = 'Flight plans',
    protocol = {},
  }: ApplicationTraits = {},
) {
  const { application, secret } = await app.applications.create(system, {
    name,
    type,
    description: '',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: ['https://app.example.com/'],
    scopes: [],
    skip_consent: skipConsent,
    require_pkce: requirePkce,
    requires_second_factor: requiresSecondFactor,
    ...protocol,
  });
  return { id: application.id, secret: secret ?? '' };
}

/** A service with scopes of the admin API; all of them when none are named. */
export async function giveService(
  { app }: TestApp,
  scopes = app.modules.flatMap((module) => Object.keys(module.scopes ?? {})),
) {
  const { application, secret } = await app.applications.create(system, {
    name: 'Crew planner',
    type: 'service',
    description: '',
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scopes,
    skip_consent: false,
    require_pkce: false,
    requires_second_factor: false,
  });
  return { id: application.id, secret: secret ?? '' };
}

export async function serviceToken(
  { http }: TestApp,
  service: { id: string; secret: string },
  scope: string,
): Promise<string> {
  const reply = await http
    .post('/token')
    .auth(service.id, service.secret)
    .type('form')
    .send({ grant_type: 'client_credentials', scope });
  if (reply.status !== 200) throw new Error(`No token: ${JSON.stringify(reply.body)}`);
  return reply.body.access_token as string;
}

/** A token with every scope of the admin API. */
export async function adminToken(test: TestApp): Promise<string> {
  const scopes = test.app.modules.flatMap((module) => Object.keys(module.scopes ?? {}));
  return serviceToken(test, await giveService(test, scopes), scopes.join(' '));
}
