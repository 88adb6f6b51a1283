import { unixSeconds } from '../platform/clock.ts';
import { isError } from '../platform/errors.ts';
import type { PageReply } from '../platform/http/form-page.ts';
import type { Contributions } from '../directory/module.ts';
import { lacksSecondFactor, type CibaProvider, type CibaRequests } from '../oidc/ciba/sign-in-requests.ts';
import { SignInRequestGone } from '../oidc/ciba/sign-in-request.ts';
import { inOrder } from '../oidc/consent/scopes.ts';
import type { AccountPage, Visit } from './visit.pages.ts';

export interface RequestsPagesOptions {
  requests: CibaRequests;
  provider: CibaProvider;
  contributions: Pick<Contributions, 'claimSources'>;
}

/** Where users approve or deny a sign-in that an application asks for (CIBA). */
export function requestsPages({ requests, provider, contributions }: RequestsPagesOptions): AccountPage[] {
  async function show({ user, session, request }: Visit): Promise<PageReply> {
    const open = await requests.openOf(user.id);
    return {
      view: 'account/requests',
      model: {
        tab: 'requests',
        username: user.username,
        done: request.query['done'],
        requests: open.map(({ id, application, bindingMessage, scopes, askedAt, expiresAt }) => ({
          id,
          name: application.name,
          bindingMessage,
          scopes: inOrder(scopes, contributions.claimSources),
          askedAt: unixSeconds(askedAt),
          expiresAt: unixSeconds(expiresAt),
          lacksSecondFactor: lacksSecondFactor(application, session.amr),
        })),
      },
      reader: { locale: user.locale, timeZone: user.zoneinfo },
    };
  }

  async function answer(visit: Visit): Promise<PageReply> {
    const { actor, user, session, request } = visit;
    const { approve = '', deny = '' } = request.fields;
    const done = (what: string): PageReply => ({ redirect: `/account/requests?done=${what}` });
    try {
      if (!approve) await requests.deny(actor, user.id, deny, provider);
      // The page says what is lacking.
      else if ((await requests.approve(actor, session, approve, provider)) !== 'approved')
        return { redirect: '/account/requests' };
      return done(approve ? 'approved' : 'denied');
    } catch (error) {
      if (isError(error, SignInRequestGone)) return done('request_gone');
      throw error;
    }
  }

  return [{ path: '/account/requests', show, submit: answer, asksAfresh: 'to-submit' }];
}
