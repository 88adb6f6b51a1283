import type { z } from 'zod';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { connectionReply } from '../../oidc/sessions/sessions.api.ts';
import { doneAt, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { isMissing } from './forms.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

const APPLICATIONS = '/v1/users/{user_id}/applications';

/** The applications that receive claims about a user, and their current values. */
export const userApplicationsPage: ConsolePage = {
  path: '/console/users/:user_id/applications',
  scope: 'users:read',
  changes: 'users:write',
  show: applicationsView,
  submit: disconnect,
};

async function applicationsView(visit: ConsoleVisit): Promise<PageReply> {
  type Connections = { result: z.output<typeof connectionReply>[] };
  const { body } = await visit.call<Connections>(`get ${APPLICATIONS}`, { params: paramsOf(visit) });
  const applications = body.result.map(({ claims, ...application }) => ({
    ...application,
    seen: Object.entries(claims).map(([claim, value]) => ({ claim, values: [value].flat().map(String) })),
  }));
  return userView(visit, await readUser(visit), 'applications', { applications });
}

async function disconnect(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  const place = userPlace(params.user_id, 'applications');
  const { application: clientId = '' } = visit.request.fields;
  try {
    await visit.call(`delete ${APPLICATIONS}/{client_id}`, { params: { ...params, client_id: clientId } });
  } catch (error) {
    if (!isMissing(error, 'not_connected')) throw error;
    return doneAt(place, 'gone');
  }
  return doneAt(place, 'application_disconnected');
}
