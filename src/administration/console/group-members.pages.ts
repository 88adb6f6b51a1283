import { addMembers, listMembers, removeMembers } from '../../directory/memberships/memberships.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, nobodyTicked, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { userPicker } from './group-form.ts';
import { groupPlace, groupView, paramsOf, readGroup } from './group-frame.pages.ts';
import { listView } from './list.pages.ts';
import { picker } from './picker.ts';
import { PERIOD, periodIn, zoneOf, type TypedPeriod } from './period-form.ts';
import { readUsernameList } from './username-list.ts';

const PAGE_SIZE = '50';
/** Ten thousand addresses of the longest kind. */
const IMPORT_BYTES = 4 * 1024 * 1024;

/** The direct members of a group. */
export const groupMemberPages: ConsolePage[] = [
  {
    path: '/console/groups/:group_id/members',
    scope: 'groups:read',
    changes: 'groups:write',
    show: showMembers,
    submit: change,
  },
  {
    path: '/console/groups/:group_id/members/assign',
    scope: 'groups:write',
    show: (visit) => assignView(visit),
    submit: (visit) => (visit.request.fields['step'] === 'save' ? assign(visit) : assignView(visit)),
  },
  {
    path: '/console/groups/:group_id/members/import',
    scope: 'groups:write',
    bodyLimit: IMPORT_BYTES,
    show: (visit) => importView(visit, {}),
    submit: importMembers,
  },
];

const place = (visit: ConsoleVisit) => groupPlace(paramsOf(visit).group_id, 'members');

async function showMembers(visit: ConsoleVisit): Promise<PageReply> {
  const group = await readGroup(visit);
  const form = given(visit.request.query, ['q', 'status', 'active', 'cursor']);
  const isEditing = visit.request.query['edit'] === 'yes' && visit.can('groups:write');
  const query = { ...form, limit: PAGE_SIZE, count: 'true' };
  return listView(
    () => visit.call(listMembers, { params: paramsOf(visit), query }),
    (page) => groupView(visit, group, 'members', { form, page, isEditing }),
  );
}

/** Members who were shown and are deselected are removed; undoing adds them again. */
async function change(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  if (fields['step'] === 'add') return add(visit, ticked(fields, 'user'));
  const stay = new Set(ticked(fields, 'user'));
  const gone = ticked(fields, 'shown').filter((id) => !stay.has(id));
  if (gone.length === 0) return doneAt(place(visit), 'nothing_changed');
  const call = { params: paramsOf(visit), body: { user_ids: gone } };
  const { body } = await visit.call(removeMembers, call);
  const back = { step: 'add', ...ticks('user', idsWith('removed', body)) };
  return doneAt(place(visit), 'members_removed', { action: place(visit), fields: back });
}

async function assign(visit: ConsoleVisit): Promise<PageReply> {
  const ids = ticked(visit.request.fields, 'user');
  if (ids.length === 0) return assignView(visit, nobodyTicked);
  const period = periodIn(visit);
  if ('faults' in period) return assignView(visit, period);
  try {
    return await add(visit, ids, period);
  } catch (error) {
    return assignView(visit, refusalOf(error));
  }
}

async function add(visit: ConsoleVisit, ids: string[], period: TypedPeriod = {}): Promise<PageReply> {
  if (ids.length === 0) return doneAt(place(visit), 'nothing_changed');
  const { body } = await visit.call(addMembers, { params: paramsOf(visit), body: { user_ids: ids, ...period } });
  return added(visit, body);
}

/** Undoing an addition sends a form that has shown the added users without selecting them; earlier members stay. */
function added(visit: ConsoleVisit, outcomes: Outcomes): PageReply {
  const ids = idsWith('added', outcomes);
  if (ids.length === 0) return doneAt(place(visit), 'nothing_changed');
  const fields = { step: 'save', ...ticks('shown', ids) };
  return doneAt(place(visit), 'members_added', { action: place(visit), fields });
}

async function assignView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const group = await readGroup(visit);
  const others = { ...userPicker, query: { ...userPicker.query, not_in_group: group.group_id } };
  const users = await picker(visit, visit.request.fields, others);
  const form = given(visit.request.fields, PERIOD);
  const view = groupView(visit, group, 'members', { view: 'assign', users, form, zone: zoneOf(visit) });
  return refusal ? refusedView(view, refusal) : view;
}

type Item = Record<'user_id' | 'username', string | null> & { outcome: string };

interface Outcomes {
  result: { counts: Record<string, number>; items: Item[] };
}

const idsWith = (wanted: string, { result }: Outcomes): string[] =>
  result.items.flatMap(({ user_id: id, outcome }) => (outcome === wanted && id ? [id] : []));

async function importMembers(visit: ConsoleVisit): Promise<PageReply> {
  const { rows = '' } = visit.request.fields;
  const { usernames, faulty } = readUsernameList(rows);
  if (usernames.length === 0 || faulty.length > 0)
    return importView(visit, { rows, faulty }, { code: 'no_addresses', detail: '', faults: { rows: '' }, status: 400 });
  try {
    const call = { params: paramsOf(visit), body: { usernames } };
    const { body } = await visit.call(addMembers, call);
    const leftOut = usernames.filter((_, index) =>
      ['no_such_user', 'not_a_customer'].includes(body.result.items[index]!.outcome),
    );
    if (leftOut.length === 0) return added(visit, body);
    return await importView(visit, { rows: leftOut.join('\n'), counts: body.result.counts, leftOut });
  } catch (error) {
    return importView(visit, { rows }, refusalOf(error));
  }
}

async function importView(visit: ConsoleVisit, said: Record<string, unknown>, refusal?: Refusal): Promise<PageReply> {
  const view = groupView(visit, await readGroup(visit), 'members', { view: 'import', rows: '', faulty: [], ...said });
  return refusal ? refusedView(view, refusal) : view;
}
