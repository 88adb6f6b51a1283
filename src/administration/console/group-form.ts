import { getGroup, listGroups } from '../../directory/groups/groups.api.ts';
import { getRole, listRoles } from '../../directory/roles/roles.api.ts';
import { getUser, listUsers } from '../../directory/users/users.api.ts';
import type { ConsoleVisit } from './frame.pages.ts';
import type { PickerOptions } from './picker.ts';
import type { Group, Role, User } from './replies.ts';

export const rolePicker: PickerOptions<Role> = {
  kind: 'role',
  search: ({ call }, query) => call(listRoles, { query }),
  read: ({ call }, id) => call(getRole, { params: { role_id: id } }),
  toChoice: ({ role_id: id, name, description }) => ({ id, name, note: description }),
};

export const groupPicker: PickerOptions<Group> = {
  kind: 'group',
  search: ({ call }, query) => call(listGroups, { query }),
  read: ({ call }, id) => call(getGroup, { params: { group_id: id } }),
  toChoice: ({ group_id: id, name, description }) => ({ id, name, note: description }),
};

export const userPicker: PickerOptions<User> = {
  kind: 'user',
  search: ({ call }, query) => call(listUsers, { query }),
  read: ({ call }, id) => call(getUser, { params: { user_id: id } }),
  query: { kind: 'customer' },
  toChoice: ({ user_id: id, username, first_name: first, last_name: last }) => ({
    id,
    name: username,
    note: [first, last].filter(Boolean).join(' '),
  }),
};

/** The only group of the administrator's admin scope, if it is a single one: new groups belong there. */
export const soleLimit = ({ actor: { adminScope = [] } }: ConsoleVisit): string | undefined =>
  adminScope.length === 1 ? adminScope[0] : undefined;

/** The id of the group with this name, null for none. Undefined when there is no such group. */
export async function groupIdByName({ call }: ConsoleVisit, name: string): Promise<string | null | undefined> {
  if (!name) return null;
  const { body } = await call(listGroups, { query: { name, limit: '1' } });
  return body.result[0]?.group_id;
}

/** The names of things of a kind that begin so, for who has typed the name of none. */
export async function namesLike<T extends { name: string }>(
  visit: ConsoleVisit,
  { search }: PickerOptions<T>,
  typed: string,
): Promise<string[]> {
  const { body } = await search(visit, { q: typed, limit: '5' });
  return body.result.map(({ name }) => name);
}

/** The id of the role with this name, in any case. Undefined when there is no such role. */
export async function roleIdByName({ call }: ConsoleVisit, name: string): Promise<string | undefined> {
  const { body } = await call(listRoles, { query: { q: name, limit: '100' } });
  return body.result.find((role) => role.name.toLowerCase() === name.toLowerCase())?.role_id;
}
