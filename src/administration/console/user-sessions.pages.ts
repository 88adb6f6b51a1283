import { endSession, endSessions, listSessions } from '../../oidc/sessions/sessions.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { doneAt, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { given, isMissing } from './forms.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

/** A user's sessions. */
export const userSessionsPage: ConsolePage = {
  path: '/console/users/:user_id/sessions',
  scope: 'users:read',
  changes: 'users:write',
  show: sessionsView,
  submit: end,
};

async function sessionsView(visit: ConsoleVisit): Promise<PageReply> {
  const { body } = await visit.call(listSessions, {
    params: paramsOf(visit),
    query: given(visit.request.query, ['cursor']),
  });
  return userView(visit, await readUser(visit), 'sessions', { sessions: body.result, page: body });
}

async function end(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  const { session: id = '' } = visit.request.fields;
  const place = userPlace(params.user_id, 'sessions');
  if (!id) {
    await visit.call(endSessions, { params });
    return doneAt(place, 'sessions_ended');
  }
  try {
    await visit.call(endSession, { params: { ...params, session_id: id } });
  } catch (error) {
    if (!isMissing(error, 'session_not_found')) throw error;
    return doneAt(place, 'gone');
  }
  return doneAt(place, 'session_ended');
}
