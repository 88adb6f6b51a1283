import type { z } from 'zod';
import type { auditEventReply } from '../audit/audit-event.ts';
import type { PageReply } from '../http/form-page.ts';
import { refusedView, type ConsolePage, type ConsoleVisit, type Many } from './frame.pages.ts';
import { refusalOf } from './forms.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

type Events = Many<z.output<typeof auditEventReply>>;

/** What was done to somebody, or by them, the newest first. */
export const userActivityPage: ConsolePage = {
  path: '/console/users/:user_id/activity',
  scope: 'audit:read',
  show: activityView,
};

const PAGE_SIZE = '25';
const NOTHING: Events = { result: [], next: null, previous: null };

async function activityView(visit: ConsoleVisit): Promise<PageReply> {
  const { cursor, by } = visit.request.query;
  const id = paramsOf(visit).user_id;
  const whose = by === 'them' ? { actor_id: id } : { target_id: id };
  const user = await readUser(visit);
  const form = by === 'them' ? { by } : {};
  try {
    const query = { ...whose, limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
    const { body: page } = await visit.call<Events>('get /v1/audit-events', { query });
    return userView(visit, user, 'activity', { page, form });
  } catch (error) {
    return refusedView(await userView(visit, user, 'activity', { page: NOTHING, form }), refusalOf(error));
  }
}
