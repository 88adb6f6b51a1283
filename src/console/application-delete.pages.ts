import type { z } from 'zod';
import type { touchesReply } from '../base/touch.ts';
import type { PageReply } from '../http/form-page.ts';
import { applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

const DELETE = 'delete /v1/applications/{client_id}';

/** Says who loses what with an application, and deletes it once it is confirmed. */
export const applicationDeletePage: ConsolePage = {
  path: '/console/applications/:client_id/delete',
  scope: 'applications:write',
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
  return doneAt('/console/applications', 'application_deleted');
}

async function deleteView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const call = { params: paramsOf(visit), query: { dry_run: 'true' } };
  const { body } = await visit.call<z.output<typeof touchesReply>>(DELETE, call);
  const touches = body.result.touches.filter(({ count }) => count.value > 0);
  const view = applicationView(visit, await readApplication(visit), 'settings', { view: 'delete', touches });
  return refusal ? refusedView(view, refusal) : view;
}
