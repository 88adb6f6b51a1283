import type { Actor } from '../../platform/actor.ts';
import type { Calls } from '../../platform/http/calls.ts';
import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import { createVisits, type Visit, type VisitOptions } from '../../my-account/visit.pages.ts';
import type { User } from '../../directory/users/user.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

export interface AdmissionOptions extends Omit<VisitOptions, 'placeOf' | 'base'> {
  calls: Pick<Calls, 'callsOf'>;
  /** The scopes of a user's administrator roles. */
  rightsOf(user: User): Pick<Actor, 'scopes' | 'adminScope'>;
}

/** The address below which all pages of the console are. */
export const CONSOLE_BASE = '/console';

const isAdministrator = ({ user }: Visit) => user.kind === 'administrator';

/** Lets administrators in, each to what their roles allow. */
export function createAdmission(options: AdmissionOptions) {
  const { calls, rightsOf, clientId, callback, sessions, hasSecondFactor, now } = options;
  const visits = createVisits({ clientId, callback, base: CONSOLE_BASE, sessions, hasSecondFactor, placeOf, now });

  function enter({ user, session, request, actor: themselves }: Visit): ConsoleVisit {
    const actor: Actor = { ...themselves, ...rightsOf(user) };
    return {
      user,
      session,
      request,
      actor,
      ...calls.callsOf(actor),
      can: (scope) => actor.scopes.has(scope),
    };
  }

  function admit(scope: string, act: (visit: ConsoleVisit) => Promise<PageReply>) {
    return async (visit: Visit): Promise<PageReply> => {
      const entered = enter(visit);
      if (entered.can(scope)) return act(entered);
      return {
        ...consoleView(entered, 'dashboard', isAdministrator(visit) ? 'forbidden' : 'not-an-administrator', {}),
        status: 403,
      };
    };
  }

  function toFormPage({ path, scope, changes = scope, show, submit, asksAfresh, bodyLimit }: ConsolePage): FormPage {
    const page = visits.toFormPage({
      path,
      ...(show ? { show: admit(scope, show) } : {}),
      ...(submit ? { submit: admit(changes, submit) } : {}),
      ...(asksAfresh ? { asksAfresh } : {}),
    });
    return { ...page, ...(bodyLimit ? { bodyLimit } : {}) };
  }

  return { toFormPage };
}

/** The page with its query. */
const placeOf = (_path: string, { exchange: { req } }: PageRequest): string => req.url ?? CONSOLE_BASE;

const HERE = 'https://console.invalid';

/** Users return here after sign-in. The page where they continue must be part of the console. */
export const callbackPage: FormPage = {
  path: '/console/callback',
  async show({ query }) {
    const { state = '', error } = query;
    if (error) return { redirect: '/' };
    // Parsed as the browser will, so that no `..` leads elsewhere.
    const { origin, pathname, search } = URL.parse(state, HERE) ?? new URL(HERE);
    const isOurs = origin === HERE && /^\/console(\/|$)/.test(pathname);
    return { redirect: isOurs ? `${pathname}${search}` : '/console' };
  },
};
