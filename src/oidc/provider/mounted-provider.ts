import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Claims } from '../claims/module.ts';
import type { GrantsOptions } from '../consent/consent.ts';
import type { CibaRequests } from '../ciba/sign-in-requests.ts';
import type { Keys, KeySet } from '../keys/keys.ts';
import type { LogoutNotice, Postings } from '../logout/logout-notice.ts';
import { createSituations } from '../sign-in/situations.ts';
import type { ProtocolStore } from './adapter.mongo.ts';
import { explainApiToken } from './api-token-at-userinfo.ts';
import { announceMtlsHost } from './mtls-host.ts';
import { createFormPosts } from './form-posts.ts';
import { writeLongLists } from './long-lists.ts';
import { createIssuePreview, type IssuePreview } from './issue-preview.ts';
import { createMount, type Mount } from './mount.ts';
import { createProviderPages } from './provider-pages.ts';
import { createProvider, type ProviderOptions } from './provider.ts';
import { signalsAudience } from '../shared-signals/receiver.ts';
import type { Redemptions } from './redemptions.ts';
import type { FindUser } from './request-users.ts';
import { createResources } from './resources.ts';

export interface MountedProviderOptions {
  keys: Keys;
  store: ProtocolStore;
  redemptions: Redemptions;
  claims: Claims;
  grants: GrantsOptions;
  logout: Pick<Postings, 'postNotices' | 'postRevoked'>;
  findUser: FindUser;
  applications: Pick<Applications, 'find' | 'previousSecret' | 'clientMetadata'>;
  signInRequests: Pick<CibaRequests, 'ask' | 'findUserId'>;
}

export interface MountedProvider {
  mount: Mount;
  /** What the provider would issue, without issuing it. */
  previewIssue: IssuePreview;
}

/** The provider behind its routes: configured with what modules contribute, logged and counted. */
export function mountProvider(
  { config, now, log, metrics, showPage, contributions }: Platform,
  { keys, store, redemptions, claims, grants, logout, findUser, applications, signInRequests }: MountedProviderOptions,
): MountedProvider {
  const resources = createResources({
    adminApi: `${config.issuer}/v1`,
    sharedSignals: signalsAudience(config.issuer),
    signingAlgorithms: config.signingAlgorithms,
    others: config.resources,
    otherScopes: config.resourceScopes,
    contributions,
    accessTokenSeconds: config.accessTokenSeconds,
    findApplication: applications.find,
  });
  const pages = createProviderPages({ showPage, findUser });
  const showFormPost = createFormPosts({ showPage });
  const situations = createSituations({ findUser, findApplication: applications.find, issuer: config.issuer });

  const providerOf = (parts: Pick<ProviderOptions, 'keySet' | 'store' | 'accounts'>): Provider =>
    createProvider({
      config,
      keySet: parts.keySet,
      store: parts.store,
      accounts: parts.accounts,
      now,
      grants,
      resources,
      pages,
      contributions,
      applications,
      situations,
      signInRequests,
    });

  function build(keySet: KeySet): Provider {
    const provider = providerOf({ keySet, store, accounts: claims.accounts });
    provider.on('server_error', (ctx, error) =>
      log.error({ err: error, request_id: requestIdOf(ctx) }, 'OIDC provider error'),
    );
    provider.on('grant.success', (ctx) => metrics.tokens.inc({ grant: String(ctx.oidc.params?.['grant_type']) }));
    provider.on('backchannel.error', (_ctx, error, { clientId }, userId, sid) => {
      log.warn({ err: error, client_id: clientId }, 'back-channel logout delivery failed, will retry');
      void logout
        .postNotices([{ userId, clientId, sid }])
        .catch((failure: unknown) =>
          log.error({ err: failure, client_id: clientId }, 'back-channel logout delivery failed'),
        );
    });
    return provider;
  }

  const mount = createMount({
    keys,
    build,
    around: redemptions.around,
    async after(ctx) {
      await logout.postRevoked(endedByUser(ctx));
      announceMtlsHost(ctx, config);
      await showFormPost(ctx);
      explainApiToken(ctx);
      writeLongLists(ctx);
    },
    onDatabaseAway: (error, ctx) =>
      log.error({ err: error, request_id: requestIdOf(ctx) }, 'the database cannot be reached'),
  });
  return { mount, previewIssue: createIssuePreview({ store, keySet: mount.keySet, providerOf }) };
}

/** The application's sessions that a user has ended by signing out. */
function endedByUser({ oidc: { route, params, session } }: KoaContextWithOIDC): LogoutNotice[] {
  if (route !== 'end_session_confirm' || !params?.['logout'] || !session?.accountId) return [];
  const { accountId: userId, authorizations = {} } = session;
  return Object.entries(authorizations).flatMap(([clientId, { sid }]) => (sid ? [{ userId, clientId, sid }] : []));
}

const requestIdOf = ({ state }: Pick<Context, 'state'>) => (state as { requestId?: string }).requestId;

// The types of oidc-provider leave it out.
interface LogoutListener {
  backchannelLogout(userId: string, sid: string): Promise<void>;
}

/** Makes a logout token and sends it to the application. Rejects when that does not accept it. */
export function createSendLogout(provider: () => Provider) {
  return async ({ userId, clientId, sid }: LogoutNotice): Promise<void> => {
    const client = await provider().Client.find(clientId);
    // It may have been removed in the meantime, or want to be told no more.
    if (client?.backchannelLogoutUri) await (client as unknown as LogoutListener).backchannelLogout(userId, sid);
  };
}
