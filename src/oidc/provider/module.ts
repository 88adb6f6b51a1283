/**
 * Owns the protocol: node-oidc-provider with its models in MongoDB, its routes and its pages.
 * Must not touch: how users, groups or applications are stored, and what a claim says (modules contribute `claimSources`).
 */
import type { JWTVerifyGetKey } from 'jose';
import type Provider from 'oidc-provider';
import { basePathOf } from '../../platform/issuer.ts';
import type { Module, Platform } from '../../directory/module.ts';
import { newSecret } from '../../platform/ids.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Claims } from '../claims/module.ts';
import { DISTRIBUTED_CLAIMS, distributedClaimsEndpoint } from '../claims/distributed-claims.ts';
import type { ConsentStore } from '../consent/consent.ts';
import type { Keys } from '../keys/keys.ts';
import { createLogoutDelivery } from '../logout/logout-delivery.ts';
import type { Logout } from '../logout/module.ts';
import { createBrowserSessions, type BrowserSessions } from '../sessions/browser-sessions.ts';
import { createSignInTickets, type SignInTickets } from '../sign-in/return-to-sign-in.ts';
import { createProtocolStore, type ProtocolStore } from './adapter.mongo.ts';
import { certificateHeaders } from './client-certificates.ts';
import { faultOfClient } from './client-faults.ts';
import { createMakeGrant, type MakeGrant } from './grants.ts';
import { createPostedRequests } from './posted-requests.ts';
import { createPostedRequestStore } from './posted-requests.mongo.ts';
import { createRedemptions } from './redemptions.ts';
import { takeReadableBodiesOnly } from './readable-bodies.ts';
import { repeatedRequests } from './repeated-requests.ts';
import type { FindUser } from './request-users.ts';
import { requestsByPost } from './requests-by-post.ts';
import type { CibaRequests } from '../ciba/sign-in-requests.ts';
import type { IssuePreview } from './issue-preview.ts';
import { createSendLogout, mountProvider } from './mounted-provider.ts';
import { noticeMtlsHost } from './mtls-host.ts';

/** A key that was published ahead begins to sign when its time comes, without any change in the database. */
const RELOAD_MS = 60_000;

/** The first segments of the provider's paths. `.well-known` is not among them: others have documents there. */
const PROTOCOL_SEGMENTS = [
  'auth',
  'token',
  'me',
  'reg',
  'request',
  'backchannel',
  'device',
  'session',
  DISTRIBUTED_CLAIMS.slice(1),
];

export interface ProviderModuleOptions {
  applications: Applications;
  keys: Keys;
  consents: ConsentStore;
  logout: Logout;
  claims: Claims;
  findUser: FindUser;
  signInRequests: CibaRequests;
}

export interface ProviderService {
  /** The provider of the moment; it changes with the keys. */
  current(): Provider;
  verificationKey: JWTVerifyGetKey;
  makeGrant: MakeGrant;
  ticketFor: SignInTickets['ticketFor'];
  /** For the pages of first-party applications. */
  browserSessions: BrowserSessions;
  store: ProtocolStore;
  previewIssue: IssuePreview;
  /** An initial access token (RFC 7591, section 3) with which applications may register themselves, valid for so many seconds. */
  makeRegistrationToken(seconds: number): Promise<string>;
}

export function createProviderModule(
  platform: Platform,
  { applications, keys, consents, logout, claims, findUser, signInRequests }: ProviderModuleOptions,
): { service: ProviderService; module: Module } {
  const { config, connection, encryption, now, log, metrics, contributions } = platform;
  const { postLogouts } = logout;
  const redemptions = createRedemptions();
  const store = createProtocolStore({
    connection,
    encryption,
    issuer: config.issuer,
    applications,
    postLogouts,
    findUser,
    redemptions,
    graceSeconds: config.refreshTokenGraceSeconds,
  });
  const postedRequests = createPostedRequests({
    store: createPostedRequestStore(connection),
    encryption,
    newSecret,
    now,
    seconds: config.interactionSeconds,
  });
  const makeGrant = createMakeGrant(config);
  const { mount, previewIssue } = mountProvider(platform, {
    keys,
    store,
    redemptions,
    claims,
    grants: { consents, findApplication: applications.find, makeGrant },
    logout,
    findUser,
    applications,
    signInRequests,
  });
  const tickets = createSignInTickets({
    provider: mount.current,
    addressFor: postedRequests.addressFor,
    encryption,
    issuer: config.issuer,
  });
  const deliveries = createLogoutDelivery({
    outbox: logout.outbox,
    send: createSendLogout(mount.current),
    now,
    log,
    count: (outcome) => metrics.logouts.inc({ outcome }),
  });
  let reloaded = Promise.resolve();
  let isStopped = false;
  const reload = () => {
    if (isStopped) return;
    reloaded = mount.reload().catch((error: unknown) => log.error({ err: error }, 'failed to reload keys'));
  };
  keys.watch(reload);
  let clock: NodeJS.Timeout | undefined;

  const module: Module = {
    name: 'provider',
    tasks: [
      { name: 'deliver-logouts', everySeconds: 1, onEveryNode: true, run: deliveries.deliverDue },
      { name: 'retry-pings', everySeconds: 5, run: () => signInRequests.retryPings(mount.current()) },
      { name: 'forget-replaced-tokens', everySeconds: 30, run: () => store.forgetSuccessors() },
    ],
    returnToSignIn: tickets.returnToSignIn,
    faultOfClient: (metadata) => faultOfClient(mount.current(), metadata),
    onSignOut: store.removeOfUsers,
    async onDelete({ kind, id }) {
      if (kind === 'user') await store.removeOfUsers([id]);
      if (kind === 'application') await store.removeOfApplication(id);
    },
    documents: mount.documents,
    fallback: () => ({
      ownSegments: PROTOCOL_SEGMENTS,
      middleware: [
        requestsByPost({ base: basePathOf(config.issuer), paths: ['/auth', '/session/end'] }, postedRequests),
        takeReadableBodiesOnly,
        distributedClaimsEndpoint({
          issuer: config.issuer,
          references: claims.references,
          findUser,
          findApplication: applications.find,
          read: claims.accounts.readWhole,
          endOf: claims.accounts.endOfClaims,
          mayUse: claims.accounts.mayUse,
          keySet: mount.keySet,
          now,
        }),
        repeatedRequests({ now, unusualHeaders: certificateHeaders(config) }),
        noticeMtlsHost(config),
        mount.middleware,
      ],
    }),
    async start() {
      await mount.reload();
      clock = setInterval(reload, RELOAD_MS).unref();
    },
    async stop() {
      clearInterval(clock);
      isStopped = true;
      await reloaded;
    },
  };
  return {
    service: {
      current: mount.current,
      verificationKey: mount.verificationKey,
      makeGrant,
      ticketFor: tickets.ticketFor,
      browserSessions: createBrowserSessions({
        provider: mount.current,
        contributions,
        findUser,
        findApplication: applications.find,
      }),
      store,
      previewIssue,
      makeRegistrationToken: (seconds) => new (mount.current().InitialAccessToken)({ expiresIn: seconds }).save(),
    },
    module,
  };
}
