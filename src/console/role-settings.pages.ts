import type { z } from 'zod';
import type { touchesReply } from '../base/touch.ts';
import type { PageReply } from '../http/form-page.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { refusalOf, type Refusal } from './forms.ts';
import {
  consoleView,
  doneAt,
  refusedView,
  type ConsolePage,
  type ConsoleVisit,
  type Many,
  type One,
} from './frame.pages.ts';
import type { Group, Role } from './users.pages.ts';

const GET = 'get /v1/roles/{role_id}';
const DELETE = 'delete /v1/roles/{role_id}';
const SHOWN_GROUPS = '20';

/** What a role is, and which groups give it. */
export const roleSettingsPage: ConsolePage = {
  path: '/console/roles/:role_id',
  scope: 'roles:read',
  changes: 'roles:write',
  show: async (visit) => settingsView(visit, await beginEdit(visit, editableOf(visit))),
  submit: save,
};

/** Says who loses a role, and deletes it once it is confirmed. */
export const roleDeletePage: ConsolePage = {
  path: '/console/roles/:role_id/delete',
  scope: 'roles:write',
  asksAfresh: 'to-show',
  show: (visit) => deleteView(visit),
  submit: remove,
};

const paramsOf = ({ request }: ConsoleVisit) => ({ role_id: request.params['role_id'] ?? '' });
const homeOf = (visit: ConsoleVisit) => `/console/roles/${paramsOf(visit).role_id}`;

const editableOf = (visit: ConsoleVisit): Editable<Role> => ({
  get: GET,
  change: 'patch /v1/roles/{role_id}',
  params: paramsOf(visit),
  toForm: ({ name, description, requires_second_factor: second }) => ({
    name,
    description,
    requires_second_factor: second ? 'yes' : '',
  }),
});

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { name = '', description = '', requires_second_factor: second } = visit.request.fields;
  const own = { name: name.trim(), description: description.trim() };
  const typed: Form = { ...own, requires_second_factor: second ? 'yes' : '' };
  const body = { ...own, requires_second_factor: Boolean(second) };
  const left = await saveEdit(visit, editableOf(visit), { typed, body });
  return left ? settingsView(visit, left) : doneAt(homeOf(visit), 'role_saved');
}

async function settingsView(
  visit: ConsoleVisit,
  { thing: role, form, version, refusal, differences }: Editing<Role>,
): Promise<PageReply> {
  const groups = visit.can('groups:read') ? await groupsWith(visit, role) : undefined;
  const model = { role, home: homeOf(visit), form, version, differences, groups, mayEdit: visit.can('roles:write') };
  const view = consoleView(visit, 'roles', 'role-settings', model);
  return refusal ? refusedView(view, refusal) : view;
}

async function groupsWith({ call }: ConsoleVisit, { role_id: id }: Role): Promise<Many<Group>> {
  return (await call<Many<Group>>('get /v1/groups', { query: { role_id: id, limit: SHOWN_GROUPS } })).body;
}

async function remove(visit: ConsoleVisit): Promise<PageReply> {
  if (!visit.request.fields['confirmed'])
    return deleteView(visit, { code: 'not_confirmed', detail: '', faults: { confirmed: 'missing' }, status: 400 });
  try {
    await visit.call(DELETE, { params: paramsOf(visit) });
  } catch (error) {
    return deleteView(visit, refusalOf(error));
  }
  return doneAt('/console/roles', 'role_deleted');
}

async function deleteView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const params = paramsOf(visit);
  const { body: read } = await visit.call<One<Role>>(GET, { params });
  const { body } = await visit.call<z.output<typeof touchesReply>>(DELETE, { params, query: { dry_run: 'true' } });
  const touches = body.result.touches.filter(({ count }) => count.value > 0);
  const view = consoleView(visit, 'roles', 'role-delete', { role: read.result, home: homeOf(visit), touches });
  return refusal ? refusedView(view, refusal) : view;
}
