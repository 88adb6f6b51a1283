import { getUser, updateUser } from '../../directory/users/users.api.ts';
import { timeZonesWith } from '../../platform/i18n/time-zones.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { paramsOf, userPlace, userView } from './user-frame.pages.ts';
import type { User } from './replies.ts';

const NAMES = ['first_name', 'last_name'] as const;
/** An empty field takes the value away. */
const OPTIONAL = ['picture', 'locale', 'zoneinfo'] as const;

/** A user's profile. */
export const userProfilePage: ConsolePage = {
  path: '/console/users/:user_id',
  scope: 'users:read',
  changes: 'users:write',
  show: async (visit) => profileView(visit, await beginEdit(profileOf(visit))),
  submit: save,
};

const profileOf = (visit: ConsoleVisit): Editable<User, BodyOf<typeof updateUser>> => ({
  read: () => visit.call(getUser, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateUser, { params: paramsOf(visit), body, ifMatch }),
  toForm: (user) => Object.fromEntries([...NAMES, ...OPTIONAL].map((name) => [name, user[name] ?? ''])),
});

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const typed: Form = Object.fromEntries([...NAMES, ...OPTIONAL].map((name) => [name, fields[name]?.trim() ?? '']));
  const cleared = Object.fromEntries(OPTIONAL.map((name) => [name, typed[name] || null]));
  const left = await saveEdit(visit, profileOf(visit), { typed, body: { ...typed, ...cleared } });
  return left ? profileView(visit, left) : doneAt(userPlace(paramsOf(visit).user_id), 'user_saved');
}

async function profileView(
  visit: ConsoleVisit,
  { thing, refusal, form, version, differences }: Editing<User>,
): Promise<PageReply> {
  const model = { form, version, differences, zones: timeZonesWith(form['zoneinfo']) };
  const view = await userView(visit, thing, 'profile', { ...model, mayDelete: visit.can('users:delete') });
  return refusal ? refusedView(view, refusal) : view;
}
