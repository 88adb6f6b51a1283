import { listGroups } from '../../directory/groups/groups.api.ts';
import { deleteRole, getRole, updateRole } from '../../directory/roles/roles.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { deletionPage } from './deletion.pages.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit, type Many } from './frame.pages.ts';
import type { Group, Role } from './replies.ts';

const GET = getRole;
const SHOWN_GROUPS = '20';

const paramsOf = ({ request }: ConsoleVisit) => ({ role_id: request.params['role_id'] ?? '' });
const homeOf = (visit: ConsoleVisit) => `/console/roles/${paramsOf(visit).role_id}`;

/** What a role is, and which groups give it. */
export const roleSettingsPage: ConsolePage = {
  path: '/console/roles/:role_id',
  scope: 'roles:read',
  changes: 'roles:write',
  show: async (visit) => settingsView(visit, await beginEdit(editableOf(visit))),
  submit: save,
};

/** Says who loses a role, and deletes it once it is confirmed. */
export const roleDeletePage = deletionPage({
  path: '/console/roles/:role_id/delete',
  scope: 'roles:write',
  remove: (visit) => visit.call(deleteRole, { params: paramsOf(visit) }),
  findImpact: (visit) => visit.dryRun(deleteRole, { params: paramsOf(visit) }),
  async view(visit, impact) {
    const { body } = await visit.call(GET, { params: paramsOf(visit) });
    return consoleView(visit, 'roles', 'role-delete', { role: body.result, home: homeOf(visit), impact });
  },
  leadsTo: '/console/roles',
  says: 'role_deleted',
});

const editableOf = (visit: ConsoleVisit): Editable<Role, BodyOf<typeof updateRole>> => ({
  read: () => visit.call(getRole, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateRole, { params: paramsOf(visit), body, ifMatch }),
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
  return (await call(listGroups, { query: { role_id: id, limit: SHOWN_GROUPS } })).body;
}
