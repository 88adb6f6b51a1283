import type { PageReply } from '../http/form-page.ts';
import { given, refusalOf, ticked, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit, type One } from './frame.pages.ts';
import { groupIdByName, rolePicker, userPicker } from './group-form.ts';
import { groupPlace } from './group-frame.pages.ts';
import { picker } from './picker.ts';
import type { Group } from './users.pages.ts';

/** A group is made with its name, and whatever else is known of it already. */
export const newGroupPage: ConsolePage = {
  path: '/console/groups/new',
  scope: 'groups:write',
  show: (visit) => newGroupView(visit),
  submit: (visit) => (visit.request.fields['step'] === 'finish' ? create(visit) : newGroupView(visit)),
};

async function create(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const parentId = await groupIdByName(visit, fields['parent']?.trim() ?? '');
  if (parentId === undefined) return newGroupView(visit, unknownParent);
  try {
    const { name = '', description = '' } = fields;
    const body = { name, description, parent_id: parentId, role_ids: ticked(fields, 'role') };
    const { body: made } = await visit.call<One<Group>>('post /v1/groups', { body });
    const place = groupPlace(made.result.group_id);
    return doneAt(place, await addMembers(visit, made.result.group_id));
  } catch (error) {
    return newGroupView(visit, refusalOf(error));
  }
}

/** Those who were ticked; what was done, for the group's page to say. */
async function addMembers(visit: ConsoleVisit, groupId: string): Promise<string> {
  const ids = ticked(visit.request.fields, 'user');
  if (ids.length === 0) return 'group_created';
  await visit.call('post /v1/groups/{group_id}/members', { params: { group_id: groupId }, body: { user_ids: ids } });
  return 'group_created_with_members';
}

export const unknownParent: Refusal = {
  code: 'unknown_parent',
  detail: '',
  faults: { parent: 'unknown' },
  status: 400,
};

async function newGroupView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const { fields } = visit.request;
  const form = given(fields, ['name', 'description', 'parent']);
  const roles = visit.can('roles:read') ? await rolePicker(visit, fields) : undefined;
  const users = visit.can('users:read') ? await picker(visit, fields, userPicker) : undefined;
  const view = consoleView(visit, 'groups', 'new-group', { form, roles, users });
  return refusal ? refusedView(view, { ...refusal, faults: withParent(refusal.faults) }) : view;
}

/** The form asks for the parent by name. */
export const withParent = ({ parent_id: parent, ...faults }: Record<string, string>) => ({
  ...faults,
  ...(parent ? { parent } : {}),
});
