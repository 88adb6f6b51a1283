import { canonicalIfEmail } from '../../../config/email-address.ts';
import { deleteUser } from '../../directory/users/users.api.ts';
import { deletionPage } from './deletion.pages.ts';
import type { ConsoleVisit } from './frame.pages.ts';
import { paramsOf, readUser, userView } from './user-frame.pages.ts';

/** Shows the impact, and deletes the user after confirmation. */
export const userDeletePage = deletionPage({
  path: '/console/users/:user_id/delete',
  scope: 'users:delete',
  remove: (visit) => visit.call(deleteUser, { params: paramsOf(visit) }),
  findImpact: (visit) => visit.dryRun(deleteUser, { params: paramsOf(visit) }),
  faultsOf,
  async view(visit, impact) {
    const { username = '', confirmed } = visit.request.fields;
    const form = { username, confirmed: Boolean(confirmed) };
    return userView(visit, await readUser(visit), 'profile', { view: 'delete', impact, form });
  },
  leadsTo: '/console/users',
  says: 'user_deleted',
});

/** Checking the box or typing the username confirms. A wrong username never does, since another user was meant. */
async function faultsOf(visit: ConsoleVisit): Promise<Record<string, string> | undefined> {
  const { fields } = visit.request;
  const { username } = await readUser(visit);
  const typed = canonicalIfEmail((fields['username'] ?? '').trim());
  if (typed && typed !== username) return { username: 'different' };
  return typed || fields['confirmed'] ? undefined : { confirmed: 'missing' };
}
