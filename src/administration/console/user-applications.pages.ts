import { disconnectApplication, listApplicationsOfUser } from '../../oidc/sessions/sessions.api.ts';
import { endResidualAccess, listResidualAccess } from '../../oidc/residual-access/residual-access.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { given, isMissing } from './forms.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

const SHOWN = '50';

/** The applications that receive claims about a user, and their current values. */
export const userApplicationsPage: ConsolePage = {
  path: '/console/users/:user_id/applications',
  scope: 'users:read',
  changes: 'users:write',
  show: applicationsView,
  submit,
};

async function applicationsView(visit: ConsoleVisit): Promise<PageReply> {
  const { body } = await visit.call(listApplicationsOfUser, {
    params: paramsOf(visit),
    query: given(visit.request.query, ['cursor']),
  });
  const applications = body.result.map(({ claims, ...application }) => ({
    ...application,
    seen: Object.entries(claims).map(([claim, value]) => ({ claim, values: [value].flat().map(String) })),
  }));
  const { body: residual } = await visit.call(listResidualAccess, { params: paramsOf(visit), query: { limit: SHOWN } });
  const model = { applications, page: body, residual: residual.result };
  return userView(visit, await readUser(visit), 'applications', model);
}

async function submit(visit: ConsoleVisit): Promise<PageReply> {
  if (!visit.request.fields['residual']) return disconnect(visit);
  const params = paramsOf(visit);
  await visit.call(endResidualAccess, { params });
  return doneAt(userPlace(params.user_id, 'applications'), 'residual_access_ended');
}

async function disconnect(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  const place = userPlace(params.user_id, 'applications');
  const { application: clientId = '' } = visit.request.fields;
  try {
    await visit.call(disconnectApplication, { params: { ...params, client_id: clientId } });
  } catch (error) {
    if (!isMissing(error, 'not_connected')) throw error;
    return doneAt(place, 'gone');
  }
  return doneAt(place, 'application_disconnected');
}
