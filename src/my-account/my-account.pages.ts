import type { UserAttribute } from '../../config/profile-settings.ts';
import { canonicalIfEmail } from '../../config/email-address.ts';
import type { FormPage, PageReply, PageRequest } from '../platform/http/form-page.ts';
import { forgetChoice } from '../platform/http/page-language.ts';
import { isError, type ErrorDefinition } from '../platform/errors.ts';
import { unixSeconds } from '../platform/clock.ts';
import { toPageRequest } from '../platform/paging.ts';
import { timeZonesWith } from '../platform/i18n/time-zones.ts';
import { passwordFormFaults } from '../authentication/credentials/password-form.ts';
import { listedRules } from '../authentication/credentials/password.ts';
import type { Credentials } from '../authentication/credentials/credentials.ts';
import { attributeFieldsOf, attributesFromForm, attributesToForm } from '../directory/users/attribute-form.ts';
import { LastAdministrator, userChangeShape } from '../directory/users/user.ts';
import { profileFormFaults } from '../directory/users/profile-form.ts';
import type { Users } from '../directory/users/users.ts';
import { inOrder } from '../oidc/consent/scopes.ts';
import type { Contributions } from '../directory/module.ts';
import type { Account } from './account.ts';
import { describeDevice } from '../platform/user-agent.ts';
import { NotConnected, SessionNotFound } from '../oidc/sessions/sessions.ts';
import { resumePlace } from './kept-form.pages.ts';
import type { CibaRequests } from '../oidc/ciba/sign-in-requests.ts';
import type { AccountPage, Visit } from './visit.pages.ts';

export interface MyAccountPagesOptions {
  account: Account;
  users: Pick<Users, 'update' | 'remove'>;
  credentials: Pick<Credentials, 'verify' | 'consider' | 'change'>;
  contributions: Pick<Contributions, 'claimSources'>;
  hasSecondFactor(userId: string): Promise<boolean>;
  requests: Pick<CibaRequests, 'openOf'>;
  /** The additional attributes that users fill in. */
  attributesInUse: readonly UserAttribute[];
}

/** The pages of My Account. Each form leads back to its page, which says what was done. */
export function myAccountPages(options: MyAccountPagesOptions): AccountPage[] {
  const { account, users, credentials, contributions, hasSecondFactor, requests, attributesInUse } = options;

  const page = (tab: string, { user, request }: Visit, model: Record<string, unknown> = {}): PageReply => ({
    view: `account/${tab}`,
    model: { tab, username: user.username, done: request.query['done'], ...model },
    reader: { locale: user.locale, timeZone: user.zoneinfo },
  });
  const done = (tab: string, what: string): PageReply => ({ redirect: `/account/${tab}?done=${what}` });

  async function overview(visit: Visit): Promise<PageReply> {
    const { user } = visit;
    const { items, ...cursors } = await account.groupsOf(user.id, pageAt(visit, 'groups'));
    return page('overview', visit, {
      firstName: user.firstName,
      groups: items.map(({ name }) => name),
      cursors,
      ownsGroups: user.ownerOf.length > 0,
      hasSecondFactor: await hasSecondFactor(user.id),
      requestCount: (await requests.openOf(user.id)).length,
    });
  }

  async function saveProfile(visit: Visit): Promise<PageReply> {
    const { fields } = visit.request;
    const names: string[] = [...PROFILE, ...attributeFieldsOf(attributesInUse)];
    const form = Object.fromEntries(names.map((name) => [name, fields[name] ?? '']));
    // An empty field takes the value away; a name may be empty.
    const orNull = (name: string) => form[name]?.trim() || null;
    const optional = { picture: orNull('picture'), locale: orNull('locale'), zoneinfo: orNull('zoneinfo') };
    const { first_name, last_name } = form;
    const attributes = attributesFromForm(form, attributesInUse);
    const parsed = userChangeShape.safeParse({ first_name, last_name, ...optional, ...attributes });
    if (!parsed.success) return refused(profilePage(visit, form, profileFormFaults(parsed.error)));
    await users.update(visit.actor, visit.user.id, parsed.data);
    // A language that was chosen at the foot of a page would go on counting more than the new one.
    const isNewLanguage = (optional.locale ?? undefined) !== visit.user.locale;
    return { ...done('profile', 'profile'), ...(isNewLanguage ? { cookies: forgetChoice } : {}) };
  }

  const profilePage = (visit: Visit, form: Record<string, string>, faults: Record<string, string> = {}) =>
    page('profile', visit, {
      form,
      faults,
      zones: timeZonesWith(form['zoneinfo']),
      attributeFields: attributeFieldsOf(attributesInUse),
    });

  async function changePassword(visit: Visit): Promise<PageReply> {
    const { current = '', password = '', password_again: again = '' } = visit.request.fields;
    const { user, actor, session, request } = visit;
    const { faults: broken } = await credentials.consider(user.id, password);
    const faults = passwordFormFaults(broken, password, again);
    const origin = { address: request.address, token: request.cookies['device'] };
    const proof = await credentials.verify(user.username, current, origin);
    if (proof?.userId !== user.id) faults['current'] = current ? 'wrong' : 'missing';
    if (Object.keys(faults).length > 0) return refused(passwordPage(visit, faults));
    await credentials.change(actor, session, password);
    return done('password', 'password');
  }

  const passwordPage = (visit: Visit, faults: Record<string, string> = {}) =>
    page('password', visit, { rules: listedRules, faults });

  async function sessionsPage(visit: Visit): Promise<PageReply> {
    const { items, ...cursors } = await account.sessionsOf(visit.user, pageAt(visit, 'sessions'));
    const listed = items.map(({ id, uid, userAgent, address, createdAt, seenAt }) => ({
      id,
      ...describeDevice(userAgent),
      address,
      createdAt: unixSeconds(createdAt),
      seenAt: unixSeconds(seenAt),
      isThis: uid === visit.session.uid,
    }));
    return page('sessions', visit, { sessions: listed, cursors });
  }

  async function endSessions(visit: Visit): Promise<PageReply> {
    const { actor, user, session } = visit;
    const { session: id = '' } = visit.request.fields;
    if (!id) {
      await account.endOtherSessions(actor, user, session.uid);
      return done('sessions', 'others');
    }
    const wasThere = await didFind(SessionNotFound, account.endSession(actor, user, id));
    return done('sessions', wasThere ? 'session' : 'gone');
  }

  async function applicationsPage(visit: Visit): Promise<PageReply> {
    const { items, ...cursors } = await account.connections(visit.user, pageAt(visit, 'applications'));
    const applications = items.map(({ application, scopes, claims: seen }) => ({
      id: application.id,
      name: application.name,
      isOurs: application.skipConsent,
      scopes: inOrder(scopes, contributions.claimSources),
      seen: Object.entries(seen).map(([claim, value]) => ({ claim, values: [value].flat().map(String) })),
    }));
    return page('applications', visit, { applications, cursors });
  }

  async function disconnect({ actor, user, request }: Visit): Promise<PageReply> {
    const work = account.disconnect(actor, user, request.fields['application'] ?? '');
    return done('applications', (await didFind(NotConnected, work)) ? 'application' : 'missing');
  }

  async function activityPage(visit: Visit): Promise<PageReply> {
    const { items, ...cursors } = await account.activity(visit.user, pageAt(visit, 'activity'));
    const listed = items.map(({ action, at, address, actor }) => ({
      action,
      at: unixSeconds(at),
      address: address ?? '',
      by: actor.id === visit.user.id ? '' : actor.name,
      isBySystem: actor.kind === 'system',
    }));
    return page('activity', visit, { events: listed, cursors });
  }

  async function download(visit: Visit): Promise<PageReply> {
    const content = `${JSON.stringify(await account.data(visit.user), null, 2)}\n`;
    return { download: { type: 'application/json', fileName: 'my-data.json', content } };
  }

  async function remove(visit: Visit): Promise<PageReply> {
    const { actor, user, request } = visit;
    const typed = canonicalIfEmail((request.fields['username'] ?? '').trim());
    if (typed !== user.username)
      return refused(page('delete', visit, { form: { username: typed }, faults: { username: 'different' } }));
    try {
      await users.remove(actor, user.id);
    } catch (error) {
      if (!isError(error, LastAdministrator)) throw error;
      return refused(page('delete', visit, { form: { username: typed }, faults: { username: 'last_administrator' } }));
    }
    return { view: 'account/deleted', model: {}, reader: { locale: user.locale } };
  }

  return [
    { path: '/account', show: overview },
    {
      path: '/account/profile',
      show: async (visit) => profilePage(visit, formOf(visit, attributesInUse)),
      submit: saveProfile,
    },
    { path: '/account/password', show: async (visit) => passwordPage(visit), submit: changePassword },
    { path: '/account/sessions', show: sessionsPage, submit: endSessions },
    { path: '/account/applications', show: applicationsPage, submit: disconnect },
    { path: '/account/activity', show: activityPage },
    { path: '/account/data', show: download },
    {
      path: '/account/delete',
      asksAfresh: 'to-show',
      show: async (visit) => page('delete', visit, { form: {} }),
      submit: remove,
    },
  ];
}

const PAGE_SIZE = 50;

/** The page of a list that the address asks for. @throws BadCursor */
const pageAt = ({ request: { query } }: Visit, list: string) =>
  toPageRequest(list, { limit: PAGE_SIZE, cursor: query['cursor'] });

/** Where a sign-in for My Account comes back to: on to the page that was wanted, if it is one of ours. */
export function callbackPage(pages: AccountPage[]): FormPage {
  const known = new Set<string>([...pages.map(({ path }) => path), resumePlace('/account')]);
  return {
    path: '/account/callback',
    async show({ query }: PageRequest) {
      if (query['error']) return { redirect: '/' };
      const { state = '' } = query;
      return { redirect: known.has(state) ? state : '/account' };
    },
  };
}

const refused = (reply: PageReply): PageReply => ('view' in reply ? { ...reply, status: 400 } : reply);

const PROFILE = ['first_name', 'last_name', 'picture', 'locale', 'zoneinfo'] as const;

const formOf = ({ user }: Visit, attributesInUse: readonly UserAttribute[]): Record<string, string> => ({
  first_name: user.firstName,
  last_name: user.lastName,
  picture: user.picture ?? '',
  locale: user.locale ?? '',
  zoneinfo: user.zoneinfo ?? '',
  ...attributesToForm(user.attributes, attributesInUse),
});

/** False when what was to be ended was gone already. */
async function didFind(missing: ErrorDefinition, work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isError(error, missing)) return false;
    throw error;
  }
}
