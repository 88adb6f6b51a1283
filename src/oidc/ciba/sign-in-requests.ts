import { errors, type default as Provider } from 'oidc-provider';
import type { Actor } from '../../platform/actor.ts';
import { acrOf, Assurance, assuranceOf, NO_REQUESTED_ACR } from '../../platform/assurance.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { User } from '../../directory/users/user.ts';
import type { MakeGrant } from '../provider/grants.ts';
import type { BrowserSession } from '../sessions/browser-sessions.ts';
import type { PingDelivery } from './ping-delivery.ts';
import { MOST_OPEN, SignInRequestGone, type SignInRequest, type SignInRequestStore } from './sign-in-request.ts';

export interface SignInRequestsOptions {
  store: SignInRequestStore;
  findApplication(clientId: string): Promise<Application | undefined>;
  findUser(id: Id): Promise<User | undefined>;
  findByUsername(username: string): Promise<User | undefined>;
  post: Mail['post'];
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  log: Log;
  issuer: string;
  pings: PingDelivery;
}

/** How the provider is reached, which is built later than these. */
export interface CibaProvider {
  current(): Provider;
  makeGrant: MakeGrant;
}

/** What an application asks for. */
export type Asked = Omit<SignInRequest, 'id' | 'askedAt' | 'expiresAt'> & { expiresInSeconds: number };

/** An open request, as the user who may approve it sees it. */
export interface OpenRequest extends Pick<SignInRequest, 'id' | 'bindingMessage' | 'scopes' | 'askedAt' | 'expiresAt'> {
  application: Application;
}

export type CibaRequests = ReturnType<typeof createSignInRequests>;

/** Sign-ins that applications ask for, and users approve in My Account (OpenID Connect CIBA Core 1.0). */
export function createSignInRequests(options: SignInRequestsOptions) {
  const { store, findApplication, findUser, findByUsername, post, audit, transact, newId, now, log, issuer, pings } =
    options;

  /** The user whom a `login_hint` means. */
  async function findUserId(hint: string): Promise<Id | undefined> {
    const user = await findByUsername(hint);
    return user?.status === 'active' ? user.id : undefined;
  }

  /** Tells the user. @throws AccessDenied of the provider for a user who has too many to answer. */
  async function ask({ expiresInSeconds, ...wanted }: Asked): Promise<void> {
    const { userId, clientId } = wanted;
    const at = now();
    const expiresAt = new Date(at.getTime() + expiresInSeconds * 1000);
    if ((await store.countOpen(userId, at)) >= MOST_OPEN)
      throw new errors.AccessDenied('the user has too many open requests');
    const [user, application] = await Promise.all([findUser(userId), findApplication(clientId)]);
    if (!user || !application) throw new errors.AccessDenied('the user or the application is gone');
    await transact(async () => {
      const id = newId();
      await store.insert({ ...wanted, id, askedAt: at, expiresAt });
      await post({
        cause: `sign-in-request:${id}`,
        to: user.username,
        view: 'sign-in-request',
        model: { application: application.name, at: unixSeconds(at), link: `${issuer}/account/requests` },
      });
    });
  }

  async function openOf(userId: Id): Promise<OpenRequest[]> {
    const requests = await store.list(userId, now());
    const all = await Promise.all(
      requests.map(async ({ id, clientId, bindingMessage, scopes, askedAt, expiresAt }) => {
        const application = await findApplication(clientId);
        const request = { id, scopes, askedAt, expiresAt, ...(bindingMessage ? { bindingMessage } : {}) };
        return application ? [{ ...request, application }] : [];
      }),
    );
    return all.flat();
  }

  /**
   * Gives the application what it asked for, unless it wants more proof than the session has. The request is taken from the
   * list first, so that two answers at once are one.
   * @throws SignInRequestGone
   */
  async function approve(
    actor: Actor,
    session: BrowserSession,
    id: Id,
    by: CibaProvider,
  ): Promise<'approved' | 'lacks_second_factor'> {
    const open = (await openOf(session.userId)).find((each) => each.id === id);
    if (open && lacksSecondFactor(open.application, session.amr)) return 'lacks_second_factor';
    const request = await take(session.userId, id);
    const { clientId, authReqId, scopes, userId } = request;
    const provider = by.current();
    const client = await provider.Client.find(clientId);
    const asked = await provider.BackchannelAuthenticationRequest.find(authReqId);
    if (!client || !asked) throw SignInRequestGone();
    const grant = by.makeGrant(provider, { client, accountId: userId, proofMark: session.mark });
    grant.addOIDCScope(scopes.join(' '));
    for (const resource of [asked.resource ?? []].flat()) grant.addResourceScope(resource, scopes.join(' '));
    await grant.save();
    const { amr } = session;
    const acr = acrOf(amr, NO_REQUESTED_ACR);
    await answer(provider, asked, grant, { amr, acr, authTime: unixSeconds(session.signedInAt) });
    await record(actor, request, 'user.sign_in_request_approved');
    return 'approved';
  }

  /** @throws SignInRequestGone */
  async function deny(actor: Actor, userId: Id, id: Id, by: Pick<CibaProvider, 'current'>): Promise<void> {
    const request = await take(userId, id);
    const asked = await by.current().BackchannelAuthenticationRequest.find(request.authReqId);
    if (!asked) throw SignInRequestGone();
    await answer(by.current(), asked, new errors.AccessDenied('the user has denied the request'));
    await record(actor, request, 'user.sign_in_request_denied');
  }

  async function take(userId: Id, id: Id): Promise<SignInRequest> {
    const request = await store.take(userId, id, now());
    if (!request) throw SignInRequestGone();
    return request;
  }

  /** The result is kept before the application is told; one that cannot be reached is told again later. */
  async function answer(provider: Provider, ...[request, result, details]: Result): Promise<void> {
    try {
      await provider.backchannelResult(request, result, details);
    } catch (error) {
      const kept = await provider.BackchannelAuthenticationRequest.find(request.jti);
      if (!kept || (!kept.grantId && !kept.error)) throw error;
      const clientId = request.clientId!;
      log.warn({ err: error, client_id: clientId }, 'CIBA ping failed, will retry');
      const expiresAt = new Date(now().getTime() + kept.remainingTTL * 1000);
      await pings.retryLater({ clientId, authReqId: request.jti, expiresAt });
    }
  }

  function record(
    actor: Actor,
    { userId, clientId }: SignInRequest,
    action: 'user.sign_in_request_approved' | 'user.sign_in_request_denied',
  ): Promise<void> {
    return audit.record(actor, action, { kind: 'user', id: userId, name: actor.name }, { application: clientId });
  }

  return { ask, findUserId, openOf, approve, deny, retryPings: pings.deliverDue };
}

type Result = Parameters<Provider['backchannelResult']> & [Request, ...unknown[]];
type Request = InstanceType<Provider['BackchannelAuthenticationRequest']>;

/** An application that wants MFA gets it from a session with it alone. */
export const lacksSecondFactor = ({ requiresSecondFactor }: Application, amr: string[]): boolean =>
  requiresSecondFactor && assuranceOf(amr) < Assurance.multi;
