import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, type ConsolePage, type ConsoleVisit, type One } from './frame.pages.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';
import type { Factor } from './user-security.pages.ts';

/** Asks for confirmation before it removes a factor of a user, or all of them if no `factor` is named. */
export const userFactorsPage: ConsolePage = {
  path: '/console/users/:user_id/factors',
  scope: 'users:write',
  asksAfresh: 'to-show',
  show: confirm,
  submit: takeAway,
};

const ALL = 'get /v1/users/{user_id}/factors';
const ONE = '/v1/users/{user_id}/factors/{factor_id}';

async function confirm(visit: ConsoleVisit): Promise<PageReply> {
  const { factor: id } = visit.request.query;
  const params = paramsOf(visit);
  const factors = id
    ? [(await visit.call<One<Factor>>(`get ${ONE}`, { params: { ...params, factor_id: id } })).body.result]
    : (await visit.call<{ result: Factor[] }>(ALL, { params })).body.result;
  return userView(visit, await readUser(visit), 'security', { view: 'factors', factors, chosen: id });
}

async function takeAway(visit: ConsoleVisit): Promise<PageReply> {
  const { factor: id } = visit.request.fields;
  const params = paramsOf(visit);
  if (id) await visit.call(`delete ${ONE}`, { params: { ...params, factor_id: id } });
  else await visit.call('delete /v1/users/{user_id}/factors', { params });
  return doneAt(userPlace(params.user_id, 'security'), 'factors_removed');
}
