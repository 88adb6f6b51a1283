import { getGroup, updateGroup } from '../../directory/groups/groups.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { readCustomData } from './custom-data.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveUndoably, type Before, type Editable, type Editing, type Form } from './editing.ts';
import { idsIn, ticked, ticks, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupIdByName, rolePicker } from './group-form.ts';
import { picker, unlessGone, withNames } from './picker.ts';
import { groupPlace, groupView, paramsOf } from './group-frame.pages.ts';
import { unknownParent, withParent } from './new-group.pages.ts';
import type { Group } from './replies.ts';

const GET = getGroup;

/** A group's settings: its name, parent group, roles and custom data. */
export const groupSettingsPage: ConsolePage = {
  path: '/console/groups/:group_id',
  scope: 'groups:read',
  changes: 'groups:write',
  show: async (visit) => settingsView(visit, await beginEdit(editableOf(visit))),
  submit,
};

async function submit(visit: ConsoleVisit): Promise<PageReply> {
  const { step } = visit.request.fields;
  if (step === 'roles') return setRoles(visit);
  return step === 'save' ? save(visit) : searchAgain(visit);
}

/** The form has its parent by name and its roles by ids, as a text that can be compared. */
const editableOf = (visit: ConsoleVisit): Editable<Group, BodyOf<typeof updateGroup>> => ({
  read: () => visit.call(getGroup, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateGroup, { params: paramsOf(visit), body, ifMatch }),
  toForm: async (group) => ({
    name: group.name,
    description: group.description,
    parent: (await nameOfParent(visit, group)) ?? '',
    roles: [...group.role_ids].sort().join(' '),
    requires_second_factor: group.requires_second_factor ? 'yes' : '',
    end_notice_days: group.end_notice_days === null ? '' : String(group.end_notice_days),
    custom_data: JSON.stringify(group.custom_data, null, 2),
  }),
});

/** Undefined for a group without a parent, and for one whose parent is outside of the admin scope. */
async function nameOfParent({ call }: ConsoleVisit, { parent_id: id }: Group): Promise<string | undefined> {
  if (!id) return undefined;
  const parent = await unlessGone(call(GET, { params: { group_id: id } }));
  return parent?.body.result.name;
}

function typedIn(visit: ConsoleVisit): Form {
  const { fields } = visit.request;
  const texts = ['name', 'description'].map((name) => [name, fields[name]?.trim() ?? '']);
  return {
    ...(Object.fromEntries(texts) as Form),
    // With this group as the admin scope, its parent is not visible.
    ...(fields['parent'] === undefined ? {} : { parent: fields['parent'].trim() }),
    roles: ticked(fields, 'role').sort().join(' '),
    requires_second_factor: fields['requires_second_factor'] ? 'yes' : '',
    end_notice_days: fields['end_notice_days']?.trim() ?? '',
    custom_data: fields['custom_data'] ?? '',
  };
}

/** No number of days is 0, which the API refuses with everything else that is wrong. */
const daysIn = (typed = ''): number | null => {
  if (typed === '') return null;
  return /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
};

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const typed = typedIn(visit);
  const editable = editableOf(visit);
  const data = readCustomData(typed['custom_data'] ?? '');
  const hasParent = visit.request.fields['parent'] !== undefined;
  const parentId = await groupIdByName(visit, typed['parent'] ?? '');
  if ('refusal' in data) return refused(visit, editable, typed, data.refusal);
  if (parentId === undefined) return refused(visit, editable, typed, unknownParent);
  const { name, description, roles = '' } = typed;
  const body = {
    name,
    description,
    custom_data: data.value,
    ...(hasParent ? { parent_id: parentId } : {}),
    role_ids: idsIn(roles),
    requires_second_factor: typed['requires_second_factor'] === 'yes',
    end_notice_days: daysIn(typed['end_notice_days']),
  };
  const { left, before } = await saveUndoably(visit, editable, { typed, body });
  return left ? settingsView(visit, left) : saved(visit, typed, before);
}

/**
 * Roles that were given or taken can be taken back, when nothing else was changed with them. Who is limited to some groups
 * may be unable to give again what they took.
 */
function saved(visit: ConsoleVisit, typed: Form, before: Before | undefined): PageReply {
  const place = groupPlace(paramsOf(visit).group_id);
  const changed = Object.keys(typed).filter((name) => before && typed[name] !== before.form[name]);
  const mayGive = !visit.actor.adminScope;
  if (!before || !mayGive || changed.join() !== 'roles') return doneAt(place, 'group_saved');
  const fields = { step: 'roles', version: before.version, ...ticks('role', idsIn(before.form['roles'])) };
  return doneAt(place, 'roles_saved', { action: place, fields });
}

/** Just the roles. */
async function setRoles(visit: ConsoleVisit): Promise<PageReply> {
  const editable = editableOf(visit);
  const { form } = await beginEdit(editable);
  const ids = ticked(visit.request.fields, 'role').sort();
  const typed = { ...form, roles: ids.join(' ') };
  const { left, before } = await saveUndoably(visit, editable, { typed, body: { role_ids: ids } });
  return left ? settingsView(visit, left) : saved(visit, typed, before);
}

async function searchAgain(visit: ConsoleVisit): Promise<PageReply> {
  const begun = await beginEdit(editableOf(visit));
  return settingsView(visit, { ...begun, form: typedIn(visit), version: visit.request.fields['version'] ?? '' });
}

async function refused(
  visit: ConsoleVisit,
  editable: Editable<Group, BodyOf<typeof updateGroup>>,
  typed: Form,
  refusal: Refusal,
) {
  const begun = await beginEdit(editable);
  return settingsView(visit, { ...begun, form: typed, version: visit.request.fields['version'] ?? '', refusal });
}

/** The groups of the admin scope cannot be moved. */
const isFixed = ({ actor: { adminScope = [] } }: ConsoleVisit, { group_id: id }: Group) => adminScope.includes(id);

async function settingsView(
  visit: ConsoleVisit,
  { thing, form, version, refusal, differences }: Editing<Group>,
): Promise<PageReply> {
  const fields = { ...ticks('role', idsIn(form['roles'])), ...searchOf(visit) };
  const roles = visit.can('roles:read') ? await picker(visit, fields, rolePicker) : undefined;
  const view = groupView(visit, thing, 'settings', {
    form,
    version,
    differences: await withNames(visit, differences, 'roles', rolePicker),
    roles,
    isFixed: isFixed(visit, thing),
    isBelow: visit.actor.adminScope !== undefined,
  });
  return refusal ? refusedView(view, { ...refusal, faults: withParent(refusal.faults) }) : view;
}

const searchOf = ({ request: { fields } }: ConsoleVisit): Record<string, string> =>
  fields['role_q'] ? { role_q: fields['role_q'] } : {};
