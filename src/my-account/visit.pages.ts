import type { Actor } from '../base/actor.ts';
import { Assurance, assuranceOf, MFA } from '../base/assurance.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import type { BrowserSession, BrowserSessions } from '../oidc/browser-sessions.ts';
import type { Person } from '../users/user.ts';

/** What cannot be undone, and what one signs in with, asks for a sign-in within the last five minutes. */
const FRESH_SECONDS = 300;

/** Somebody looking after their own account. */
export interface Visit {
  person: Person;
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
  sessions: BrowserSessions;
  hasSecondFactor(userId: string): Promise<boolean>;
  /** Where somebody goes on after signing in; the page's path unless told otherwise. */
  placeOf?(path: string, request: PageRequest): string;
  now(): Date;
}

/** Puts the sign-in in front of pages: who is not signed in, or too long ago, signs in and comes back. */
export function createVisits(options: VisitOptions) {
  const { clientId, callback, sessions, hasSecondFactor, placeOf = (path) => path, now } = options;
  const signIn = (returnTo: string, afresh: { afresh?: boolean; acr?: string | undefined } = {}): PageReply => ({
    redirect: sessions.signInAddress({ clientId, callback, returnTo, ...afresh }),
  });

  async function visitOf(request: PageRequest): Promise<Visit | undefined> {
    const session = await sessions.current(request, clientId);
    if (!session) return undefined;
    const { person } = session;
    const { address } = request;
    const actor: Actor = { kind: 'person', id: person.id, name: person.username, scopes: new Set(), address };
    return { person, session, actor, request };
  }

  function guard(path: string, mustBeFresh: boolean, act: (visit: Visit) => Promise<PageReply>) {
    return async (request: PageRequest): Promise<PageReply> => {
      const visit = await visitOf(request);
      const place = placeOf(path, request);
      if (!visit) return signIn(place);
      return (mustBeFresh ? await askAfresh(place, visit) : undefined) ?? act(visit);
    };
  }

  async function askAfresh(path: string, { person, session }: Visit): Promise<PageReply | undefined> {
    const age = (now().getTime() - session.signedInAt.getTime()) / 1000;
    const hasSecond = await hasSecondFactor(person.id);
    const isSure = !hasSecond || assuranceOf(session.amr) >= Assurance.multi;
    return age > FRESH_SECONDS || !isSure
      ? signIn(path, { afresh: true, acr: hasSecond ? MFA : undefined })
      : undefined;
  }

  /** What a form was sent to before its person had signed in afresh is shown again, and not done unseen. */
  function toFormPage({ path, show, submit, asksAfresh }: AccountPage): FormPage {
    return {
      path,
      ...(show ? { show: guard(path, asksAfresh === 'to-show', show) } : {}),
      ...(submit ? { submit: guard(path, asksAfresh !== undefined, submit) } : {}),
    };
  }

  return { toFormPage, visitOf };
}
