import type { ConsoleVisit, Many } from './frame.pages.ts';
import type { PickerOptions } from './picker.ts';
import type { Group, Role, User } from './replies.ts';

export const rolePicker: PickerOptions<Role> = {
  kind: 'role',
  list: 'get /v1/roles',
  get: 'get /v1/roles/{role_id}',
  param: 'role_id',
  toChoice: ({ role_id: id, name, description }) => ({ id, name, note: description }),
};

export const groupPicker: PickerOptions<Group> = {
  kind: 'group',
  list: 'get /v1/groups',
  get: 'get /v1/groups/{group_id}',
  param: 'group_id',
  toChoice: ({ group_id: id, name, description }) => ({ id, name, note: description }),
};

export const userPicker: PickerOptions<User> = {
  kind: 'user',
  list: 'get /v1/users',
  get: 'get /v1/users/{user_id}',
  param: 'user_id',
  query: { kind: 'customer' },
  toChoice: ({ user_id: id, username, first_name: first, last_name: last }) => ({
    id,
    name: username,
    note: [first, last].filter(Boolean).join(' '),
  }),
};

/** The only group of the administrator's admin scope, if it is a single one: new groups belong there. */
export const soleLimit = ({ actor: { limitedTo = [] } }: ConsoleVisit): string | undefined =>
  limitedTo.length === 1 ? limitedTo[0] : undefined;

/** The id of the group with this name, null for none. Undefined when there is no such group. */
export async function groupIdByName({ call }: ConsoleVisit, name: string): Promise<string | null | undefined> {
  if (!name) return null;
  const { body } = await call<Many<Group>>('get /v1/groups', { query: { name, limit: '1' } });
  return body.result[0]?.group_id;
}

/** The names of things of a kind that begin so, for who has typed the name of none. */
export async function namesLike({ call }: ConsoleVisit, list: 'get /v1/groups' | 'get /v1/roles', typed: string) {
  const { body } = await call<Many<{ name: string }>>(list, { query: { q: typed, limit: '5' } });
  return body.result.map(({ name }) => name);
}

/** The id of the role with this name, in any case. Undefined when there is no such role. */
export async function roleIdByName({ call }: ConsoleVisit, name: string): Promise<string | undefined> {
  const { body } = await call<Many<Role>>('get /v1/roles', { query: { q: name, limit: '100' } });
  return body.result.find((role) => role.name.toLowerCase() === name.toLowerCase())?.role_id;
}
