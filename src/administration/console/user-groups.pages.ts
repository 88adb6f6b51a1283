import { listGroupsOfUser, setGroupsOfUser } from '../../directory/memberships/memberships.api.ts';
import { CohortError } from '../../platform/errors.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { noGroupTicked, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { groupPicker } from './group-form.ts';
import { picker } from './picker.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';
import { readEffective } from './user-roles.pages.ts';

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
    await changeGroups(visit, step, new Set(ids));
  } catch (error) {
    return groupsView(visit, refusalOf(error));
  }
  const place = userPlace(paramsOf(visit).user_id, 'groups');
  const back = { step: step === 'add' ? 'remove' : 'add', ...ticks('group', ids) };
  return doneAt(place, step === 'add' ? 'groups_added' : 'groups_removed', { action: place, fields: back });
}

interface Membership {
  /** The ids of the groups that a user is in, and the ETag of that. */
  ids: string[];
  etag: string;
}

async function groupsOf(visit: ConsoleVisit): Promise<Membership> {
  const { body, etag } = await visit.call(listGroupsOfUser, { params: paramsOf(visit) });
  return { ids: body.result.map(({ group_id: id }) => id), etag };
}

/**
 * Adding and taking away say what is wanted of these groups and nothing of the others, so that two who do it at once are
 * both right: who comes second does it to what the first has left.
 */
async function changeGroups(visit: ConsoleVisit, step: 'add' | 'remove', named: Set<string>): Promise<void> {
  const { ids, etag } = await groupsOf(visit);
  const wanted = step === 'add' ? [...new Set([...ids, ...named])] : ids.filter((id) => !named.has(id));
  try {
    const body = { group_ids: wanted };
    await visit.call(setGroupsOfUser, { params: paramsOf(visit), body, ifMatch: etag });
  } catch (error) {
    if (!(error instanceof CohortError) || error.kind !== 'precondition') throw error;
    await changeGroups(visit, step, named);
  }
}

async function groupsView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const user = await readUser(visit);
  const { groups, is_complete: isComplete } = await readEffective(visit);
  const direct = groups.filter(({ is_direct: isDirect }) => isDirect);
  const inherited = groups.filter(({ is_direct: isDirect }) => !isDirect);
  const ids = direct.map(({ group_id: id }) => id);
  const { fields } = visit.request;
  const mayAssign = visit.can('groups:write') && user.kind === 'customer';
  const toAdd = mayAssign
    ? await picker(visit, fields['step'] === 'remove' ? {} : fields, groupPicker, ids)
    : undefined;
  const view = await userView(visit, user, 'groups', { groups: direct, inherited, isComplete, mayAssign, toAdd });
  return refusal ? refusedView(view, refusal) : view;
}
