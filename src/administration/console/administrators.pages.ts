import { getGroup } from '../../directory/groups/groups.api.ts';
import { listUsers } from '../../directory/users/users.api.ts';
import { getAdminRoles, setAdminRoles } from '../admin-roles/administrators.api.ts';
import type { z } from 'zod';
import type { administrationReply } from '../admin-roles/administrators.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { administrationIn, adminScopeModel } from './administrator-form.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, saveUndoably, type Before, type Editable, type Editing, type Form } from './editing.ts';
import { given, idsIn, ticked, ticks } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { newAdministratorPage } from './new-user.pages.ts';
import { groupPicker } from './group-form.ts';
import { unlessGone, withNames } from './picker.ts';
import { paramsOf, readUser } from './user-frame.pages.ts';
import type { Group } from './replies.ts';

type Administration = z.output<typeof administrationReply>;

/** Who runs this Cohort: owners, and collaborators with the roles that they have. */
const administratorsPage: ConsolePage = {
  path: '/console/administrators',
  scope: 'administrators:read',
  show: showAdministrators,
};

/** What one of them may do. */
const administratorPage: ConsolePage = {
  path: '/console/administrators/:user_id',
  scope: 'administrators:read',
  show: showAdministrator,
};

const editPage: ConsolePage = {
  path: '/console/administrators/:user_id/edit',
  scope: 'administrators:write',
  asksAfresh: 'to-show',
  show: async (visit) => editView(visit, await beginEdit(editableOf(visit))),
  submit: (visit) => (visit.request.fields['step'] === 'save' ? save(visit) : searchAgain(visit)),
};

export const administratorPages: ConsolePage[] = [
  administratorsPage,
  newAdministratorPage,
  administratorPage,
  editPage,
];

async function showAdministrators(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['q', 'cursor']);
  const query = { ...form, kind: 'administrator', limit: '50' };
  return listView(
    () => visit.call(listUsers, { query }),
    (page) => consoleView(visit, 'administrators', 'administrators', { form, page }),
  );
}

const placeOf = (visit: ConsoleVisit) => `/console/administrators/${paramsOf(visit).user_id}`;

/** The form has roles and groups by ids, as texts that can be compared. */
const editableOf = (visit: ConsoleVisit): Editable<Administration, BodyOf<typeof setAdminRoles>> => ({
  read: () => visit.call(getAdminRoles, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(setAdminRoles, { params: paramsOf(visit), body, ifMatch }),
  toForm: ({ roles, admin_scope: scope }) => ({
    roles: [...roles].sort().join(' '),
    where: scope ? 'groups' : 'everywhere',
    groups: [...(scope?.group_ids ?? [])].sort().join(' '),
  }),
});

const typedIn = ({ request: { fields } }: ConsoleVisit): Form => {
  const { roles, admin_scope: scope } = administrationIn(fields);
  const groups = scope?.group_ids;
  const ids = [...(groups ?? ticked(fields, 'group'))].sort();
  return { roles: [...roles].sort().join(' '), where: groups ? 'groups' : 'everywhere', groups: ids.join(' ') };
};

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const wanted = { typed: typedIn(visit), body: administrationIn(visit.request.fields) };
  const isMe = paramsOf(visit).user_id === visit.actor.id;
  // Administrators who take rights from themselves may be unable to restore them, or to open the page again.
  const { left, before } = isMe
    ? { left: await saveEdit(visit, editableOf(visit), wanted) }
    : await saveUndoably(visit, editableOf(visit), wanted);
  if (left) return editView(visit, left);
  const back = before && { action: `${placeOf(visit)}/edit`, fields: toFields(before) };
  return doneAt(placeOf(visit), 'administration_saved', back);
}

const toFields = ({ form, version }: Before): Form => ({ step: 'save', version, ...ticksOf(form) });

/** The state of the form's checkboxes. */
const ticksOf = ({ roles, where = '', groups }: Form): Form => ({
  ...ticks('admin_role', idsIn(roles)),
  ...ticks('group', idsIn(groups)),
  where,
});

async function searchAgain(visit: ConsoleVisit): Promise<PageReply> {
  const begun = await beginEdit(editableOf(visit));
  return editView(visit, { ...begun, form: typedIn(visit), version: visit.request.fields['version'] ?? '' });
}

async function showAdministrator(visit: ConsoleVisit): Promise<PageReply> {
  const user = await readUser(visit);
  const { body } = await visit.call(getAdminRoles, { params: paramsOf(visit) });
  const { roles, admin_scope: scope } = body.result;
  const ids = scope?.group_ids ?? null;
  const mayEdit = visit.can('administrators:write') && user.kind === 'administrator';
  const groups = ids ? await groupsByIds(visit, ids) : undefined;
  return consoleView(visit, 'administrators', 'administrator', { user, roles, groups, mayEdit, home: placeOf(visit) });
}

/** Those that are still there. */
async function groupsByIds({ call }: ConsoleVisit, ids: string[]): Promise<Group[]> {
  const read = ids.map((id) => unlessGone(call(getGroup, { params: { group_id: id } })));
  return (await Promise.all(read)).flatMap((reply) => reply?.body.result ?? []);
}

async function editView(
  visit: ConsoleVisit,
  { form, version, refusal, differences }: Editing<Administration>,
): Promise<PageReply> {
  const fields = { ...ticksOf(form), group_q: visit.request.fields['group_q'] ?? '' };
  const named = await withNames(visit, differences, 'groups', groupPicker);
  const model = { user: await readUser(visit), version, differences: named, home: placeOf(visit) };
  const all = { ...model, ...(await adminScopeModel(visit, fields)) };
  const view = consoleView(visit, 'administrators', 'administrator-edit', all);
  return refusal ? refusedView(view, refusal) : view;
}
