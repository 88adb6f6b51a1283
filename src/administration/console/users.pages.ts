import { deleteUser, listUsers, updateUser } from '../../directory/users/users.api.ts';
import { mayChangeUser } from '../admin-roles/policy.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { secondsOf } from './days.ts';
import { given } from './forms.ts';
import type { User } from './replies.ts';
import { listView } from './list.pages.ts';
import { groupIdByName, groupPicker, namesLike, roleIdByName, rolePicker } from './group-form.ts';

const PAGE_SIZE = '25';
const FILTERS = ['q', 'kind', 'status', 'in_group', 'sort', 'cursor'] as const;
const DAYS = ['created_after', 'created_before', 'last_sign_in_after', 'last_sign_in_before'] as const;

/** Columns besides the address, which is always there. */
export const COLUMNS = ['name', 'status', 'groups', 'created_at', 'last_sign_in_at', 'kind', 'updated_at'] as const;
const USUAL_COLUMNS: readonly string[] = ['name', 'status', 'created_at', 'last_sign_in_at'];

export const usersPage: ConsolePage = { path: '/console/users', scope: 'users:read', show: showUsers };

async function showUsers(visit: ConsoleVisit): Promise<PageReply> {
  const { query } = visit.request;
  const form = given(query, [...FILTERS, ...DAYS, 'group', 'role']);
  const unknown = await unknownNames(visit, form);
  const model = { form, unknown, columns: columnsOf(query), allColumns: COLUMNS, isFiltered: isFiltered(form) };
  const groupsIfShown = model.columns.includes('groups') && visit.can('groups:read') ? { groups: 'true' } : {};
  return listView(
    async () => {
      const query = { ...(await criteriaOf(visit, form)), ...groupsIfShown, limit: PAGE_SIZE, count: 'true' };
      return visit.call(listUsers, { query });
    },
    async (page) => {
      const allowed = await allowedAmong(visit, page.result);
      return consoleView(visit, 'users', 'users', { ...model, page, ...allowed });
    },
  );
}

/** What the form says, as the API takes it: days become times, and the names of a group and a role their ids. */
async function criteriaOf(visit: ConsoleVisit, form: Record<string, string>): Promise<Record<string, string>> {
  const { group, role, ...others } = form;
  const days = DAYS.flatMap((name) => (form[name] ? [[name, secondsOf(form[name])] as const] : []));
  return {
    ...others,
    ...Object.fromEntries(days),
    ...(group ? { in_group: (await groupIdByName(visit, group)) ?? NOTHING } : {}),
    ...(role ? { role_id: (await roleIdByName(visit, role)) ?? NOTHING } : {}),
  };
}

/** Where a name in the form is that of nothing: by the field, the names that begin so. */
async function unknownNames(visit: ConsoleVisit, { group, role }: Record<string, string>) {
  const isUnknownGroup = group && !(await groupIdByName(visit, group));
  const isUnknownRole = role && !(await roleIdByName(visit, role));
  return {
    ...(isUnknownGroup ? { group: await namesLike(visit, groupPicker, group) } : {}),
    ...(isUnknownRole ? { role: await namesLike(visit, rolePicker, role) } : {}),
  };
}

/** The id of no group and of no role. */
const NOTHING = '0000000000000000';

/** The IDs of the users whom the administrator may change, and delete. */
async function allowedAmong({ actor, can, allows }: ConsoleVisit, users: User[]) {
  // Only for who is limited to some groups it depends on more than what the page knows already.
  const isAllowed = async (endpoint: typeof updateUser | typeof deleteUser, user: User) =>
    actor.adminScope ? allows(endpoint, { user_id: user.user_id }) : can(endpoint.scope) && mayChangeUser(can, user);
  const idsFor = async (endpoint: typeof updateUser | typeof deleteUser) => {
    const allowed = await Promise.all(users.map((user) => isAllowed(endpoint, user)));
    return users.filter((_user, index) => allowed[index]).map(({ user_id: id }) => id);
  };
  const changeable = await idsFor(updateUser);
  const deletable = await idsFor(deleteUser);
  return { changeable, deletable };
}

function columnsOf(query: Record<string, string>): string[] {
  const chosen = COLUMNS.filter((name) => query[`column:${name}`]);
  return chosen.length > 0 ? chosen : COLUMNS.filter((name) => USUAL_COLUMNS.includes(name));
}

const isFiltered = ({ sort: _sort, cursor: _cursor, ...filters }: Record<string, string>) =>
  Object.keys(filters).length > 0;
