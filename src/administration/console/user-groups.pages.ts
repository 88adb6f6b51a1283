import { listEffectiveGroups } from '../../directory/memberships/effective.api.ts';
import { addMembers, removeMembers } from '../../directory/memberships/memberships.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { given, isMissing, noGroupTicked, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { groupPicker } from './group-form.ts';
import { picker } from './picker.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

const PAGE_SIZE = '50';

/** The parameter of the address for the second list of the page. */
const INHERITED_CURSOR = 'inherited';

const groupGone: Refusal = { code: 'unknown_group', detail: '', faults: {}, status: 400 };

/** The groups of a user. Several can be added or removed at once, which can be undone. */
export const userGroupsPage: ConsolePage = {
  path: '/console/users/:user_id/groups',
  scope: 'groups:read',
  changes: 'groups:write',
  show: (visit) => groupsView(visit),
  submit: change,
};

async function change(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const { step } = fields;
  const ids = ticked(fields, 'group');
  if (step !== 'add' && step !== 'remove') return groupsView(visit);
  if (ids.length === 0) return groupsView(visit, noGroupTicked);
  try {
    await changeGroups(visit, step, ids);
  } catch (error) {
    return groupsView(visit, isMissing(error, 'group_not_found') ? groupGone : refusalOf(error));
  }
  const place = userPlace(paramsOf(visit).user_id, 'groups');
  const back = { step: step === 'add' ? 'remove' : 'add', ...ticks('group', ids) };
  return doneAt(place, step === 'add' ? 'groups_added' : 'groups_removed', { action: place, fields: back });
}

/**
 * Adding and removing say what is wanted of these groups and nothing of the others, so that two who do it at once are both
 * right.
 */
async function changeGroups(visit: ConsoleVisit, step: 'add' | 'remove', ids: string[]): Promise<void> {
  const { user_id } = paramsOf(visit);
  for (const group_id of ids) {
    const call = { params: { group_id }, body: { user_ids: [user_id] } };
    if (step === 'add') await visit.call(addMembers, call);
    else await visit.call(removeMembers, call);
  }
}

async function groupsView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const user = await readUser(visit);
  const { fields, query } = visit.request;
  const direct = await effectiveGroups(visit, { is_direct: 'true', ...given(query, ['cursor']) });
  const cursor = query[INHERITED_CURSOR];
  const inherited = await effectiveGroups(visit, { is_direct: 'false', ...(cursor ? { cursor } : {}) });
  const ids = direct.result.map(({ group_id: id }) => id);
  const mayAssign = visit.can('groups:write') && user.kind === 'customer';
  const toAdd = mayAssign
    ? await picker(visit, fields['step'] === 'remove' ? {} : fields, groupPicker, ids)
    : undefined;
  const model = { direct, inherited, isComplete: direct.is_complete, mayAssign, toAdd };
  const view = await userView(visit, user, 'groups', { ...model, form: given(query, ['cursor', INHERITED_CURSOR]) });
  return refusal ? refusedView(view, refusal) : view;
}

async function effectiveGroups(visit: ConsoleVisit, query: Record<string, string>) {
  const { body } = await visit.call(listEffectiveGroups, {
    params: paramsOf(visit),
    query: { ...query, limit: PAGE_SIZE },
  });
  return body;
}
