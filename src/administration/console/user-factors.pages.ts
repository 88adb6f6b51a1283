import { getFactor, listFactors, removeFactor, removeFactors } from '../../authentication/mfa/factors.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

/** Asks for confirmation before it removes a factor of a user, or all of them if no `factor` is named. */
export const userFactorsPage: ConsolePage = {
  path: '/console/users/:user_id/factors',
  scope: 'users:write',
  asksAfresh: 'to-show',
  show: confirm,
  submit: takeAway,
};

const ALL = listFactors;

async function confirm(visit: ConsoleVisit): Promise<PageReply> {
  const { factor: id } = visit.request.query;
  const params = paramsOf(visit);
  const factors = id
    ? [(await visit.call(getFactor, { params: { ...params, factor_id: id } })).body.result]
    : (await visit.call(ALL, { params, query: { limit: '200' } })).body.result;
  return userView(visit, await readUser(visit), 'security', { view: 'factors', factors, chosen: id });
}

async function takeAway(visit: ConsoleVisit): Promise<PageReply> {
  const { factor: id } = visit.request.fields;
  const params = paramsOf(visit);
  if (id) await visit.call(removeFactor, { params: { ...params, factor_id: id } });
  else await visit.call(removeFactors, { params });
  return doneAt(userPlace(params.user_id, 'security'), 'factors_removed');
}
