import { createRole, listRoles } from '../../directory/roles/roles.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { roleDeletePage, roleSettingsPage } from './role-settings.pages.ts';

const PAGE_SIZE = '50';

/** Every role that groups can give. */
const rolesPage: ConsolePage = { path: '/console/roles', scope: 'roles:read', show: showRoles };

const newRolePage: ConsolePage = {
  path: '/console/roles/new',
  scope: 'roles:write',
  show: async (visit) => newRoleView(visit),
  submit: create,
};

export const rolePages: ConsolePage[] = [rolesPage, newRolePage, roleSettingsPage, roleDeletePage];

async function showRoles(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['q', 'cursor']);
  return listView(
    () => visit.call(listRoles, { query: { ...form, limit: PAGE_SIZE } }),
    (page) => consoleView(visit, 'roles', 'roles', { form, isFiltered: Boolean(form['q']), page }),
  );
}

async function create(visit: ConsoleVisit): Promise<PageReply> {
  const { name = '', description = '', requires_second_factor: second } = visit.request.fields;
  try {
    const body = { name, description, requires_second_factor: Boolean(second) };
    const { body: made } = await visit.call(createRole, { body });
    return doneAt(`/console/roles/${made.result.role_id}`, 'role_created');
  } catch (error) {
    return newRoleView(visit, refusalOf(error));
  }
}

function newRoleView(visit: ConsoleVisit, refusal?: Refusal): PageReply {
  const form = given(visit.request.fields, ['name', 'description', 'requires_second_factor']);
  const view = consoleView(visit, 'roles', 'new-role', { form });
  return refusal ? refusedView(view, refusal) : view;
}
