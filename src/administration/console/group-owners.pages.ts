import { addOwner, listOwners, removeOwner } from '../../directory/memberships/owners.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { nobodyTicked, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { userPicker } from './group-form.ts';
import { groupPlace, groupView, paramsOf, readGroup } from './group-frame.pages.ts';
import { picker } from './picker.ts';

/** Who manages the members of a group in My Account. */
export const groupOwnersPage: ConsolePage = {
  path: '/console/groups/:group_id/owners',
  scope: 'groups:read',
  changes: 'groups:write',
  show: (visit) => ownersView(visit),
  submit: change,
};

async function change(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const { step } = fields;
  const ids = ticked(fields, 'user');
  if (step !== 'add' && step !== 'remove') return ownersView(visit);
  if (ids.length === 0) return ownersView(visit, nobodyTicked);
  const params = paramsOf(visit);
  try {
    const endpoint = step === 'add' ? addOwner : removeOwner;
    for (const id of ids) await visit.call(endpoint, { params: { ...params, user_id: id } });
  } catch (error) {
    return ownersView(visit, refusalOf(error));
  }
  const place = groupPlace(params.group_id, 'owners');
  const back = { step: step === 'add' ? 'remove' : 'add', ...ticks('user', ids) };
  // What an administrator with an admin scope takes away, they cannot give back.
  const undo = visit.actor.adminScope ? undefined : { action: place, fields: back };
  return doneAt(place, step === 'add' ? 'owners_added' : 'owners_removed', undo);
}

async function ownersView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const group = await readGroup(visit);
  const { body } = await visit.call(listOwners, { params: paramsOf(visit) });
  const ids = body.result.map(({ user_id: id }) => id);
  const mayAdd = visit.can('groups:write') && visit.can('users:read') && !visit.actor.adminScope;
  const { fields } = visit.request;
  const toAdd = mayAdd ? await picker(visit, fields['step'] === 'remove' ? {} : fields, userPicker, ids) : undefined;
  const view = groupView(visit, group, 'owners', { owners: body.result, toAdd });
  return refusal ? refusedView(view, refusal) : view;
}
