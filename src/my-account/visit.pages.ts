import type { Actor } from '../platform/actor.ts';
import { Assurance, assuranceOf, MFA } from '../platform/assurance.ts';
import type { FormPage, PageReply, PageRequest } from '../platform/http/form-page.ts';
import type { BrowserSession, BrowserSessions } from '../oidc/sessions/browser-sessions.ts';
import type { User } from '../directory/users/user.ts';
import { keepForm, resumePlace } from './kept-form.pages.ts';

/** What cannot be undone, and what one signs in with, asks for a sign-in within the last five minutes. */
const FRESH_SECONDS = 300;

/** A user on a page of their own account. */
export interface Visit {
  user: User;
  session: BrowserSession;
  /** Themselves, as the audit log names them. */
  actor: Actor;
  request: PageRequest;
}

/** A page of My Account: like any other, but it knows whose it is. */
export interface AccountPage {
  path: string;
  show?(visit: Visit): Promise<PageReply>;
  submit?(visit: Visit): Promise<PageReply>;
  /**
   * They must have proved who they are a short while ago, with their second factor if they have one, also in a browser
   * that is spared it: before the page is shown, or only before its form is acted on.
   */
  asksAfresh?: 'to-show' | 'to-submit';
}

export interface VisitOptions {
  clientId: string;
  callback: string;
  /** The address below which all of its pages are. */
  base: string;
  sessions: BrowserSessions;
  hasSecondFactor(userId: string): Promise<boolean>;
  /** Where a user goes on after signing in who opened a page; the page's path unless told otherwise. */
  placeOf?(path: string, request: PageRequest): string;
  now(): Date;
}

/** Puts the sign-in in front of pages: who is not signed in, or too long ago, signs in and comes back. */
export function createVisits(options: VisitOptions) {
  const { clientId, callback, base, sessions, hasSecondFactor, placeOf = (path) => path, now } = options;

  function signIn(path: string, request: PageRequest, afresh: { afresh?: boolean; acr?: string } = {}): PageReply {
    const { method, url = base } = request.exchange.req;
    if (method !== 'POST')
      return { redirect: sessions.signInAddress({ clientId, callback, returnTo: placeOf(path, request), ...afresh }) };
    const cookies = keepForm({ path: url.split('?')[0]!, fields: request.fields });
    return {
      redirect: sessions.signInAddress({ clientId, callback, returnTo: resumePlace(base), ...afresh }),
      cookies,
    };
  }

  async function visitOf(request: PageRequest): Promise<Visit | undefined> {
    const session = await sessions.current(request, clientId);
    if (!session) return undefined;
    const { user } = session;
    const { address } = request;
    const actor: Actor = { kind: 'user', id: user.id, name: user.username, scopes: new Set(), address };
    return { user, session, actor, request };
  }

  function guard(path: string, mustBeFresh: boolean, act: (visit: Visit) => Promise<PageReply>) {
    return async (request: PageRequest): Promise<PageReply> => {
      const visit = await visitOf(request);
      if (!visit) return signIn(path, request);
      const reply = (mustBeFresh ? await askAfresh(path, visit) : undefined) ?? (await act(visit));
      return 'view' in reply ? { ...reply, ownsWindow: true } : reply;
    };
  }

  async function askAfresh(path: string, { user, session, request }: Visit): Promise<PageReply | undefined> {
    const age = (now().getTime() - session.signedInAt.getTime()) / 1000;
    const hasSecond = await hasSecondFactor(user.id);
    const isSure = !hasSecond || assuranceOf(session.amr) >= Assurance.multi;
    return age > FRESH_SECONDS || !isSure
      ? signIn(path, request, { afresh: true, ...(hasSecond ? { acr: MFA } : {}) })
      : undefined;
  }

  /** What was sent before its user had signed in, or afresh, is kept and can be sent then, and is not done unseen. */
  function toFormPage({ path, show, submit, asksAfresh }: AccountPage): FormPage {
    return {
      path,
      ...(show ? { show: guard(path, asksAfresh === 'to-show', show) } : {}),
      ...(submit ? { submit: guard(path, asksAfresh !== undefined, submit) } : {}),
    };
  }

  return { toFormPage, visitOf };
}
