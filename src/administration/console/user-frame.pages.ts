import { getUser, updateUser } from '../../directory/users/users.api.ts';
import type { ViewReply } from '../../platform/http/form-page.ts';
import { consoleView, type ConsoleVisit } from './frame.pages.ts';
import type { Section } from './menu.ts';
import type { User } from './replies.ts';

/** The parts of a user's page, each at an address of its own. */
const TABS = [
  { name: 'profile', scope: 'users:read' },
  { name: 'groups', scope: 'groups:read', only: 'customer' },
  { name: 'roles', scope: 'groups:read' },
  { name: 'security', scope: 'users:read' },
  { name: 'sessions', scope: 'users:read' },
  { name: 'applications', scope: 'users:read' },
  { name: 'activity', scope: 'audit:read' },
  { name: 'custom-data', scope: 'users:read' },
] as const;

export type UserTab = (typeof TABS)[number]['name'];

/** The path of a tab of a user's page; the profile is the page itself. */
export const userPlace = (userId: string, part: string = 'profile') =>
  `/console/users/${userId}${part === 'profile' ? '' : `/${part}`}`;

/** The parameters of calls about the user of the page. */
export const paramsOf = ({ request }: ConsoleVisit) => ({ user_id: request.params['user_id'] ?? '' });

/** Whose page it is. @throws UserNotFound */
export async function readUser(visit: ConsoleVisit): Promise<User> {
  const { body } = await visit.call(getUser, { params: paramsOf(visit) });
  return body.result;
}

/** A temporary password of just now, once: the answer to the form itself, since it is nowhere to be read again. */
export function passwordShown(
  visit: ConsoleVisit,
  {
    section,
    ...model
  }: { section: Section; login: string; password: string; what: string; list: string; home: string },
): ViewReply {
  return consoleView(visit, section, 'password-shown', { ...model, listName: section });
}

/** The view `user-<tab>`, under the user's name and the tabs that the administrator may open. */
export async function userView(
  visit: ConsoleVisit,
  user: User,
  tab: UserTab,
  { view = tab, ...model }: Record<string, unknown> & { view?: string } = {},
): Promise<ViewReply> {
  const tabs = TABS.filter(({ scope, ...rest }) => visit.can(scope) && (!('only' in rest) || rest.only === user.kind));
  const links = tabs.map(({ name }) => ({ name, href: userPlace(user.user_id, name) }));
  // Whether this administrator may change the user.
  const mayEdit = await visit.allows(updateUser, paramsOf(visit));
  const isPartly = !mayEdit && visit.can('users:write') && visit.actor.adminScope !== undefined;
  const common = { user, tab, tabs: links, home: userPlace(user.user_id), mayEdit, isPartly };
  return consoleView(visit, 'users', `user-${view}`, { ...common, ...model });
}
