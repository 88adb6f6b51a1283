import { createGroup, getGroup } from '../../directory/groups/groups.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, refusalOf, ticked, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupIdByName, groupPicker, namesLike, rolePicker, soleLimit, userPicker } from './group-form.ts';
import { groupPlace } from './group-frame.pages.ts';
import { picker, unlessGone } from './picker.ts';

/** A group is made with its name, and whatever else is known of it already. */
export const newGroupPage: ConsolePage = {
  path: '/console/groups/new',
  scope: 'groups:write',
  show: async (visit) => newGroupView(visit, undefined, { parent: await usualParent(visit) }),
  submit: (visit) => (visit.request.fields['step'] === 'finish' ? create(visit) : newGroupView(visit)),
};

async function create(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const parentId = await groupIdByName(visit, fields['parent']?.trim() ?? '');
  if (parentId === undefined) return newGroupView(visit, unknownParent);
  try {
    const { name = '', description = '' } = fields;
    const memberIds = ticked(fields, 'user');
    const first = { role_ids: ticked(fields, 'role'), member_ids: memberIds };
    const body = { name, description, parent_id: parentId, ...first };
    const { body: made } = await visit.call(createGroup, { body });
    const what = memberIds.length > 0 ? 'group_created_with_members' : 'group_created';
    return doneAt(groupPlace(made.result.group_id), what);
  } catch (error) {
    return newGroupView(visit, refusalOf(error));
  }
}

export const unknownParent: Refusal = {
  code: 'unknown_parent',
  detail: '',
  faults: { parent: 'unknown' },
  status: 400,
};

/** The group whose page led here; with a single group as the admin scope, that one, since new groups are its subgroups. */
async function usualParent(visit: ConsoleVisit): Promise<string> {
  const id = visit.request.query['parent_id'] ?? soleLimit(visit);
  if (!id) return '';
  const found = await unlessGone(visit.call(getGroup, { params: { group_id: id } }));
  return found?.body.result.name ?? '';
}

async function newGroupView(visit: ConsoleVisit, refusal?: Refusal, begun: Record<string, string> = {}) {
  const { fields } = visit.request;
  const roles = visit.can('roles:read') ? await picker(visit, fields, rolePicker) : undefined;
  const form = given({ ...begun, ...fields }, ['name', 'description', 'parent']);
  const users = visit.can('users:read') ? await picker(visit, fields, userPicker) : undefined;
  const isBelow = visit.actor.adminScope !== undefined;
  const isUnknown = refusal?.code === unknownParent.code;
  const alike = isUnknown ? await namesLike(visit, groupPicker, form['parent'] ?? '') : [];
  const view = consoleView(visit, 'groups', 'new-group', { form, roles, users, isBelow, alike });
  return refusal ? refusedView(view, { ...refusal, faults: withParent(refusal.faults) }) : view;
}

/** The form asks for the parent by name. */
export const withParent = ({ parent_id: parent, ...faults }: Record<string, string>) => ({
  ...faults,
  ...(parent ? { parent } : {}),
});
