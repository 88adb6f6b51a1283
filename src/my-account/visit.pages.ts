import type { Actor } from '../base/actor.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import type { BrowserSession, BrowserSessions } from '../oidc/browser-sessions.ts';
import type { Person } from '../users/user.ts';

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
  path: `/account${string}`;
  show?(visit: Visit): Promise<PageReply>;
  submit?(visit: Visit): Promise<PageReply>;
  /** They must have proved who they are within so many seconds: for what cannot be undone. */
  maxAge?: number;
}

export interface VisitOptions {
  clientId: string;
  callback: string;
  sessions: BrowserSessions;
  findPerson(id: string): Promise<Person | undefined>;
  now(): Date;
}

/** Puts the sign-in in front of pages: who is not signed in, or too long ago, signs in and comes back. */
export function createVisits({ clientId, callback, sessions, findPerson, now }: VisitOptions) {
  const signIn = (returnTo: string, afresh = false): PageReply => ({
    redirect: sessions.signInAddress({ clientId, callback, returnTo, afresh }),
  });

  async function visitOf(request: PageRequest): Promise<Visit | undefined> {
    const session = await sessions.current(request.exchange);
    const person = session && (await findPerson(session.userId));
    if (!session || !person || person.status !== 'active' || person.passwordIsTemporary) return undefined;
    const { address } = request;
    const actor: Actor = { kind: 'person', id: person.id, name: person.username, scopes: new Set(), address };
    return { person, session, actor, request };
  }

  function guard({ path, maxAge }: AccountPage, act: (visit: Visit) => Promise<PageReply>) {
    return async (request: PageRequest): Promise<PageReply> => {
      const visit = await visitOf(request);
      if (!visit) return signIn(path);
      const age = (now().getTime() - visit.session.signedInAt.getTime()) / 1000;
      if (maxAge !== undefined && age > maxAge) return signIn(path, true);
      return act(visit);
    };
  }

  /** What a form was sent to before its person had signed in afresh is shown again, and not done unseen. */
  function toFormPage(page: AccountPage): FormPage {
    const { path, show, submit } = page;
    return {
      path,
      ...(show ? { show: guard(page, show) } : {}),
      ...(submit ? { submit: guard(page, submit) } : {}),
    };
  }

  return { toFormPage, visitOf };
}
