import { changeMembership, getMember } from '../../directory/memberships/memberships.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupPlace, groupView, paramsOf, readGroup } from './group-frame.pages.ts';
import { PERIOD, periodForm, periodIn, zoneOf } from './period-form.ts';

/** One membership: how it came about, and its period, which can be extended and shortened. */
export const groupMembershipPage: ConsolePage = {
  path: '/console/groups/:group_id/members/:user_id',
  scope: 'groups:read',
  changes: 'groups:write',
  show: (visit) => membershipView(visit),
  submit: changePeriod,
};

const memberParams = (visit: ConsoleVisit) => ({
  ...paramsOf(visit),
  user_id: visit.request.params['user_id'] ?? '',
});

async function membershipView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const { body } = await visit.call(getMember, { params: memberParams(visit) });
  const form = refusal ? given(visit.request.fields, PERIOD) : periodForm(visit, body.result.membership);
  const model = { view: 'membership', member: body.result, form, zone: zoneOf(visit) };
  const view = groupView(visit, await readGroup(visit), 'members', model);
  return refusal ? refusedView(view, refusal) : view;
}

async function changePeriod(visit: ConsoleVisit): Promise<PageReply> {
  const period = periodIn(visit);
  if ('faults' in period) return membershipView(visit, period);
  try {
    await visit.call(changeMembership, { params: memberParams(visit), body: period });
  } catch (error) {
    return membershipView(visit, refusalOf(error));
  }
  return doneAt(groupPlace(paramsOf(visit).group_id, 'members'), 'membership_changed');
}
