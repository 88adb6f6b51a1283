import type { z } from 'zod';
import type { touchesReply } from '../base/touch.ts';
import type { PageReply } from '../http/form-page.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupView, paramsOf, readGroup } from './group-frame.pages.ts';

const DELETE = 'delete /v1/groups/{group_id}';

/** Which applications learn of a group, and who would lose it: the consequences of its removal, which nothing removes here. */
export const groupApplicationsPage: ConsolePage = {
  path: '/console/groups/:group_id/applications',
  scope: 'groups:read',
  show: async (visit) => {
    const group = await readGroup(visit);
    const touches = visit.can('groups:write') ? await touchesOf(visit) : [];
    const readers = touches.find(({ kind }) => kind === 'applications');
    return groupView(visit, group, 'applications', { readers });
  },
};

/** Says what goes with a group, and deletes it once it is confirmed. */
export const groupDeletePage: ConsolePage = {
  path: '/console/groups/:group_id/delete',
  scope: 'groups:write',
  asksAfresh: 'to-show',
  show: (visit) => deleteView(visit),
  submit: remove,
};

async function remove(visit: ConsoleVisit): Promise<PageReply> {
  if (!visit.request.fields['confirmed'])
    return deleteView(visit, { code: 'not_confirmed', detail: '', faults: { confirmed: 'missing' }, status: 400 });
  try {
    await visit.call(DELETE, { params: paramsOf(visit) });
  } catch (error) {
    return deleteView(visit, refusalOf(error));
  }
  return doneAt('/console/groups', 'group_deleted');
}

async function touchesOf(visit: ConsoleVisit) {
  const call = { params: paramsOf(visit), query: { dry_run: 'true' } };
  const { body } = await visit.call<z.output<typeof touchesReply>>(DELETE, call);
  return body.result.touches;
}

async function deleteView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const touches = (await touchesOf(visit)).filter(({ count }) => count.value > 0);
  const view = groupView(visit, await readGroup(visit), 'settings', { view: 'delete', touches });
  return refusal ? refusedView(view, refusal) : view;
}
