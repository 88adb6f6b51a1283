import type { z } from 'zod';
import type { touchesReply } from '../base/touch.ts';
import type { PageReply } from '../http/form-page.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';
import type { User } from './users.pages.ts';

const DELETE = 'delete /v1/users/{user_id}';

/** Says what goes with somebody, and deletes them once it is confirmed. */
export const userDeletePage: ConsolePage = {
  path: '/console/users/:user_id/delete',
  scope: 'users:delete',
  asksAfresh: 'to-show',
  show: async (visit) => deleteView(visit, await readUser(visit)),
  submit: remove,
};

async function remove(visit: ConsoleVisit): Promise<PageReply> {
  const user = await readUser(visit);
  const faults = faultsOf(visit, user);
  if (faults) return deleteView(visit, user, { code: 'not_confirmed', detail: '', faults, status: 400 });
  try {
    await visit.call(DELETE, { params: paramsOf(visit) });
  } catch (error) {
    return deleteView(visit, user, refusalOf(error));
  }
  return doneAt('/console/users', 'user_deleted');
}

/** The box or the typed username confirms. A username that is not theirs never does: it is somebody else who was meant. */
function faultsOf({ request: { fields } }: ConsoleVisit, { username }: User): Record<string, string> | undefined {
  const typed = (fields['username'] ?? '').trim().normalize('NFC').toLowerCase();
  if (typed && typed !== username) return { username: 'different' };
  return typed || fields['confirmed'] ? undefined : { confirmed: 'missing' };
}

async function deleteView(visit: ConsoleVisit, user: User, refusal?: Refusal): Promise<PageReply> {
  const { username = '', confirmed } = visit.request.fields;
  const { body } = await visit.call<z.output<typeof touchesReply>>(DELETE, {
    params: paramsOf(visit),
    query: { dry_run: 'true' },
  });
  const touches = body.result.touches.filter(({ count }) => count.value > 0);
  const form = { username, confirmed: Boolean(confirmed) };
  const view = userView(visit, user, 'profile', { view: 'delete', touches, form });
  return refusal ? refusedView(view, refusal) : view;
}
