import type { ConsoleVisit, Many } from './frame.pages.ts';
import { ticked } from './forms.ts';
import type { Picker, PickerOptions } from './picker.ts';
import type { Group, Role, User } from './users.pages.ts';

const MOST_ROLES = '200';

/** The roles that there are, ticked where the form says so. They are few, so the search among them is done here. */
export async function rolePicker({ call }: ConsoleVisit, fields: Record<string, string>): Promise<Picker> {
  const chosenIds = new Set(ticked(fields, 'role'));
  const q = fields['role_q']?.trim() ?? '';
  const { body } = await call<Many<Role>>('get /v1/roles', { query: { limit: MOST_ROLES } });
  const all = body.result.map(({ role_id: id, name, description }) => ({ id, name, note: description }));
  const chosen = all.filter(({ id }) => chosenIds.has(id));
  const isFound = ({ name }: { name: string }) => name.toLowerCase().includes(q.toLowerCase());
  const found = all.filter((role) => !chosenIds.has(role.id) && isFound(role));
  return { kind: 'role', q, chosen, found, hasMore: body.next !== null };
}

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

/** The id of the group with this name, null for none. Undefined when there is no such group. */
export async function groupIdByName({ call }: ConsoleVisit, name: string): Promise<string | null | undefined> {
  if (!name) return null;
  const { body } = await call<Many<Group>>('get /v1/groups', { query: { name, limit: '1' } });
  return body.result[0]?.group_id;
}

/** Custom data as somebody typed it. */
export function parseJson(text: string): { value: unknown } | { fault: string } {
  if (!text.trim()) return { value: {} };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
