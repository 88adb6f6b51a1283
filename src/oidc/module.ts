/**
 * Owns the protocol: node-oidc-provider with its models in MongoDB, the keys, the sign-in pages, consents.
 * Must not touch: how users, groups or applications are stored, and what a claim says (modules contribute `claims`).
 */
import type { Middleware } from 'koa';
import type { JWTVerifyGetKey } from 'jose';
import type Provider from 'oidc-provider';
import type { Config } from '../../config/schema.ts';
import type { Boxes } from '../platform/encryption.ts';
import type { Clock } from '../platform/clock.ts';
import type { Application, ClientMetadata } from '../directory/applications/application.ts';
import type { Audit } from '../directory/audit/audit.ts';
import type { Credentials } from '../authentication/credentials/credentials.ts';
import type { Devices } from '../authentication/known-devices/known-devices.ts';
import type { Log } from '../platform/http/log.ts';
import type { Metrics } from '../platform/http/metrics.ts';
import type { ShowPage } from '../platform/http/show-page.ts';
import type { ClaimSource, Detour, Room, SignInStep, SignInWay, WayBack } from '../module.ts';
import type { Person } from '../directory/users/user.ts';
import { authorizationByPost } from './provider/authorization-by-post.ts';
import { createBrowserSessions, type BrowserSessions } from './sessions/browser-sessions.ts';
import { createAccounts } from './claims/account.ts';
import type { ProtocolStore } from './provider/adapter.mongo.ts';
import { faultOfClient } from './provider/client-faults.ts';
import { refuseCodedBodies } from './provider/encoded-bodies.ts';
import type { Connections } from './sessions/connected-applications.mongo.ts';
import type { ConsentStore } from './consent/consent.ts';
import { createMakeGrant } from './provider/grants.ts';
import { createReferences, distributedClaimsEndpoint } from './claims/distributed-claims.ts';
import { interactionPages } from './sign-in/interactions.pages.ts';
import type { Keys } from './keys/keys.ts';
import { createLogoutDelivery } from './logout/logout-delivery.ts';
import type { LogoutNotice, LogoutOutbox, PostLogouts } from './logout/logout-notice.ts';
import { createMount } from './provider/mount.ts';
import { createProviderPages } from './provider/provider-pages.ts';
import { addClaimsToIntrospection, createProvider } from './provider/provider.ts';
import { connectionTouches } from './sessions/impact.ts';
import type { Redemptions } from './provider/redemptions.ts';
import { createResources } from './provider/resources.ts';
import { createSituations } from './sign-in/situations.ts';
import { createWayBack } from './sign-in/return-to-sign-in.ts';

export interface OidcOptions {
  config: Config;
  store: ProtocolStore;
  redemptions: Redemptions;
  consents: ConsentStore;
  connections: Connections;
  logoutOutbox: LogoutOutbox;
  postLogouts: PostLogouts;
  keys: Keys;
  boxes: Boxes;
  credentials: Credentials;
  audit: Audit;
  showPage: ShowPage;
  log: Log;
  metrics: Metrics;
  now: Clock;
  /** The audience of tokens for the admin API. */
  adminApi: string;
  claims: ClaimSource[];
  steps: SignInStep[];
  ways: SignInWay[];
  detours: Detour[];
  findPerson(id: string): Promise<Person | undefined>;
  findByUsername(username: string): Promise<Person | undefined>;
  getPerson(id: string): Promise<Person>;
  noteSignIn(id: string): Promise<void>;
  welcome: Devices['welcome'];
  /** For the numbers by the day. */
  countSignIn(tally: 'sign_ins' | 'failed_sign_ins'): void;
  findApplication(clientId: string): Promise<Application | undefined>;
}

// The types of oidc-provider leave it out.
interface LogoutListener {
  backchannelLogout(userId: string, sid: string): Promise<void>;
}

export interface Oidc {
  room: Room;
  /** Answers the protocol's own addresses. */
  protocol: Middleware[];
  /** The provider of the moment; it changes with the keys. */
  provider(): Provider;
  verificationKey: JWTVerifyGetKey;
  /** For the pages of first-party applications. */
  sessions: BrowserSessions;
  wayBack: WayBack;
  /** An initial access token (RFC 7591, section 3) with which applications may register themselves, valid for so many seconds. */
  makeRegistrationToken(seconds: number): Promise<string>;
  /** Why an application with this metadata could not be used, by the rules of dynamic registration. */
  faultOfClient(metadata: ClientMetadata): string | undefined;
}

export function oidcRoom(options: OidcOptions): Oidc {
  const { config, store, consents, keys, showPage, log, metrics, claims, steps, detours, findPerson, findApplication } =
    options;
  const { issuer } = config;
  const references = createReferences({ ...options, issuer, seconds: config.idTokenSeconds });
  const accounts = createAccounts({ findPerson, findApplication, sources: claims, refer: references.refer });
  const resources = createResources({
    adminApi: options.adminApi,
    others: config.resources,
    otherScopes: config.resourceScopes,
    claimScopes: claims.map(({ scope }) => scope),
    accessTokenSeconds: config.accessTokenSeconds,
    findApplication,
  });
  const pages = createProviderPages({ showPage, findPerson });
  const makeGrant = createMakeGrant(config);
  const grants = { consents, findApplication, makeGrant };
  const situations = createSituations({ findApplication, origin: config.issuer });

  const mount = createMount({
    keys,
    build(keySet) {
      const rooms = { claims, steps, detours, situations };
      const provider = createProvider({ config, keySet, store, accounts, grants, resources, pages, ...rooms });
      provider.on('server_error', (ctx, error) =>
        log.error({ err: error, request_id: (ctx.state as { requestId?: string }).requestId }, 'OIDC provider error'),
      );
      provider.on('grant.success', (ctx) => metrics.tokens.inc({ grant: String(ctx.oidc.params?.['grant_type']) }));
      provider.on('backchannel.error', (_ctx, error, { clientId }, userId, sid) => {
        log.warn({ err: error, client_id: clientId }, 'back-channel logout delivery failed, will retry');
        void options
          .postLogouts([{ userId, clientId, sid }])
          .catch((failure: unknown) =>
            log.error({ err: failure, client_id: clientId }, 'back-channel logout delivery failed'),
          );
      });
      return provider;
    },
    around: options.redemptions.around,
    after: (ctx) => addClaimsToIntrospection(ctx, accounts),
    onDatabaseAway: (error, { state }) =>
      log.error(
        { err: error, request_id: (state as { requestId?: string }).requestId },
        'the database cannot be reached',
      ),
  });

  async function makeRegistrationToken(seconds: number): Promise<string> {
    const { InitialAccessToken } = mount.current();
    return new InitialAccessToken({ expiresIn: seconds }).save();
  }

  async function sendLogout({ userId, clientId, sid }: LogoutNotice): Promise<void> {
    const client = await mount.current().Client.find(clientId);
    // It may have been removed in the meantime, or want to be told no more.
    if (client?.backchannelLogoutUri) await (client as unknown as LogoutListener).backchannelLogout(userId, sid);
  }

  const logouts = createLogoutDelivery({
    ...{ outbox: options.logoutOutbox, send: sendLogout, now: options.now, log },
    count: (outcome) => metrics.logouts.inc({ outcome }),
  });

  const reload = () =>
    void mount.reload().catch((error: unknown) => log.error({ err: error }, 'failed to reload keys'));
  let clock: NodeJS.Timeout | undefined;

  const room: Room = {
    name: 'oidc',
    pages: interactionPages({
      ...options,
      makeGrant,
      provider: mount.current,
      countSignIn(outcome) {
        metrics.signIns.inc({ outcome });
        options.countSignIn(outcome === 'success' ? 'sign_ins' : 'failed_sign_ins');
      },
    }),
    chores: [
      { name: 'rotate-keys', everySeconds: 3600, run: () => keys.rotateByAge() },
      { name: 'deliver-logouts', everySeconds: 1, onEveryNode: true, run: logouts.deliverDue },
    ],
    async removePerson(userId) {
      await store.removeOfPeople([userId]);
      await consents.removeOfPerson(userId);
    },
    touches: connectionTouches(options),
    signOutPeople: (userIds) => store.removeOfPeople(userIds),
    async start() {
      await keys.ensure();
      await keys.reseal();
      await mount.reload();
      await keys.watch(reload);
      // A key that was published ahead begins to sign when its time comes, without any change in the database.
      clock = setInterval(reload, 60_000).unref();
    },
    async stop() {
      clearInterval(clock);
      await keys.stop();
    },
  };
  return {
    room,
    protocol: [
      authorizationByPost('/auth'),
      refuseCodedBodies,
      distributedClaimsEndpoint({
        ...options,
        issuer,
        open: references.open,
        read: accounts.readWhole,
        keySet: mount.keySet,
      }),
      mount.middleware,
    ],
    provider: mount.current,
    verificationKey: mount.verificationKey,
    sessions: createBrowserSessions({ ...options, provider: mount.current }),
    wayBack: createWayBack(mount.current),
    makeRegistrationToken,
    faultOfClient: (metadata) => faultOfClient(mount.current(), metadata),
  };
}
