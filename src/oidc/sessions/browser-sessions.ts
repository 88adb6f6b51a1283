import type Provider from 'oidc-provider';
import { NO_REQUESTED_ACR } from '../../platform/assurance.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { PageRequest } from '../../platform/http/form-page.ts';
import type { Contributions } from '../../directory/module.ts';
import type { OwnSession } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';
import type { Marked } from './proof-marks.ts';

/** A user who is signed in, in this browser. */
export interface BrowserSession extends OwnSession {
  user: User;
  /** When they proved who they are the last time, and by which methods (RFC 8176). */
  signedInAt: Date;
  amr: string[];
}

export interface SignInRequest {
  /** The first-party application, and where it is to go on. */
  clientId: string;
  callback: string;
  returnTo: string;
  /** They must prove who they are although they are signed in (`prompt=login`, OpenID Connect Core 3.1.2.1). */
  afresh?: boolean;
  /** How sure it must be (`acr_values`). */
  acr?: string | undefined;
}

export interface BrowserSessionsOptions {
  provider(): Provider;
  contributions: Pick<Contributions, 'signInSteps'>;
  findUser(id: string): Promise<User | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/** The provider's own session, for the pages of first-party applications. */
export function createBrowserSessions({ provider, contributions, findUser, findApplication }: BrowserSessionsOptions) {
  /**
   * Who is signed in to a first-party application. The provider has a session from the password on; with a step of the
   * sign-in still to be done it is nobody's yet, whichever page looks at it.
   */
  async function current(
    { exchange: { req, res }, cookies }: Pick<PageRequest, 'exchange' | 'cookies'>,
    clientId: string,
  ): Promise<BrowserSession | undefined> {
    const present = provider();
    const session = await present.Session.get(present.createContext(req, res));
    const { uid, accountId, loginTs, amr = [], proofMark: mark = 0 } = session as typeof session & Marked;
    const user = accountId ? await findUser(accountId) : undefined;
    if (!user || loginTs === undefined || user.status !== 'active') return undefined;
    const situation = {
      user,
      application: await findApplication(clientId),
      amr,
      requestedAcr: NO_REQUESTED_ACR,
      cookies,
    };
    for (const step of contributions.signInSteps) if (await step.isNeeded(situation)) return undefined;
    return { uid, userId: user.id, mark, user, amr, signedInAt: new Date(loginTs * 1000) };
  }

  /** The address that signs a user in, or signs them in afresh, and leads back. */
  function signInAddress({ clientId, callback, returnTo, afresh = false, acr }: SignInRequest): string {
    const query = new URLSearchParams({
      client_id: clientId,
      response_type: 'none',
      scope: 'openid',
      redirect_uri: callback,
      state: returnTo,
      ...(afresh ? { prompt: 'login' } : {}),
      ...(acr ? { acr_values: acr } : {}),
    });
    return `/auth?${query.toString()}`;
  }

  return { current, signInAddress };
}

export type BrowserSessions = ReturnType<typeof createBrowserSessions>;
