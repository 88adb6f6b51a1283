import { listAuditEvents } from '../../directory/audit/audit.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { ConsolePage, ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

/** Events with the user as the target or the actor, newest first. */
export const userActivityPage: ConsolePage = {
  path: '/console/users/:user_id/activity',
  scope: 'audit:read',
  show: activityView,
};

const PAGE_SIZE = '25';

async function activityView(visit: ConsoleVisit): Promise<PageReply> {
  const { cursor, by } = visit.request.query;
  const id = paramsOf(visit).user_id;
  const whose = by === 'them' ? { actor_id: id } : { target_id: id };
  const user = await readUser(visit);
  const form = by === 'them' ? { by } : {};
  const query = { ...whose, limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
  return listView(
    () => visit.call(listAuditEvents, { query }),
    (page) => userView(visit, user, 'activity', { page, form }),
  );
}
