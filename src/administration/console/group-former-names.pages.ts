import { listFormerNames, removeFormerName } from '../../directory/applications/former-names.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupPlace, groupView, paramsOf, readGroup } from './group-frame.pages.ts';
import { unlessGone } from './picker.ts';

/** The names that a group had before, and the applications that depend on them. */
export const groupFormerNamesPage: ConsolePage = {
  path: '/console/groups/:group_id/former-names',
  scope: 'groups:read',
  changes: 'groups:write',
  show: (visit) => formerNamesView(visit),
  submit: remove,
};

async function remove(visit: ConsoleVisit): Promise<PageReply> {
  const params = { ...paramsOf(visit), former_name: visit.request.fields['former_name'] ?? '' };
  try {
    // Another administrator may have removed it.
    await unlessGone(visit.call(removeFormerName, { params }));
  } catch (error) {
    return formerNamesView(visit, refusalOf(error));
  }
  return doneAt(groupPlace(params.group_id, 'former-names'), 'former_name_removed');
}

async function formerNamesView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const group = await readGroup(visit);
  const query = given(visit.request.query, ['cursor']);
  const { body } = await visit.call(listFormerNames, { params: paramsOf(visit), query });
  const view = groupView(visit, group, 'former-names', { page: body });
  return refusal ? refusedView(view, refusal) : view;
}
