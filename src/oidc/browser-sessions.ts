import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';

/** Somebody who is signed in, in this browser. */
export interface BrowserSession {
  /** What tells this session from the person's others. */
  uid: string;
  userId: string;
  /** When they proved who they are the last time. */
  signedInAt: Date;
}

export interface SignInWish {
  /** The first-party application, and where it is to go on. */
  clientId: string;
  callback: string;
  returnTo: string;
  /** They must prove who they are although they are signed in (`prompt=login`, OpenID Connect Core 3.1.2.1). */
  afresh?: boolean;
}

/** The provider's own session, for the pages of first-party applications. */
export function createBrowserSessions(provider: () => Provider) {
  async function current({
    req,
    res,
  }: {
    req: IncomingMessage;
    res: ServerResponse;
  }): Promise<BrowserSession | undefined> {
    const present = provider();
    const { uid, accountId, loginTs } = await present.Session.get(present.createContext(req, res));
    if (!accountId || loginTs === undefined) return undefined;
    return { uid, userId: accountId, signedInAt: new Date(loginTs * 1000) };
  }

  /** The address that signs somebody in, or signs them in afresh, and leads back. */
  function signInAddress({ clientId, callback, returnTo, afresh = false }: SignInWish): string {
    const query = new URLSearchParams({
      client_id: clientId,
      response_type: 'none',
      scope: 'openid',
      redirect_uri: callback,
      state: returnTo,
      ...(afresh ? { prompt: 'login' } : {}),
    });
    return `/auth?${query.toString()}`;
  }

  return { current, signInAddress };
}

export type BrowserSessions = ReturnType<typeof createBrowserSessions>;
