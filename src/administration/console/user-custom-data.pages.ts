import { getUser, updateUser } from '../../directory/users/users.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { readCustomData } from './custom-data.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing } from './editing.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { paramsOf, userPlace, userView } from './user-frame.pages.ts';
import type { User } from './replies.ts';

/** A user's custom data, as JSON text. */
export const userCustomDataPage: ConsolePage = {
  path: '/console/users/:user_id/custom-data',
  scope: 'users:read',
  changes: 'users:write',
  show: async (visit) => customDataView(visit, await beginEdit(customDataOf(visit))),
  submit: save,
};

const customDataOf = (visit: ConsoleVisit): Editable<User, BodyOf<typeof updateUser>> => ({
  read: () => visit.call(getUser, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateUser, { params: paramsOf(visit), body, ifMatch }),
  toForm: (user) => ({ custom_data: JSON.stringify(user.custom_data, null, 2) }),
});

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { version = '', custom_data = '' } = visit.request.fields;
  const typed = { custom_data };
  const read = readCustomData(typed.custom_data);
  if ('refusal' in read) {
    const present = await beginEdit(customDataOf(visit));
    return customDataView(visit, { ...present, form: typed, version, refusal: read.refusal });
  }
  const left = await saveEdit(visit, customDataOf(visit), { typed, body: { custom_data: read.value } });
  return left ? customDataView(visit, left) : doneAt(userPlace(paramsOf(visit).user_id, 'custom-data'), 'user_saved');
}

async function customDataView(
  visit: ConsoleVisit,
  { thing, refusal, form, version, differences }: Editing<User>,
): Promise<PageReply> {
  const view = await userView(visit, thing, 'custom-data', { form, version, differences });
  return refusal ? refusedView(view, refusal) : view;
}
