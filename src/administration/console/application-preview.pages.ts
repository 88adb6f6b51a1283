import { listGroups } from '../../directory/groups/groups.api.ts';
import { getUser, listUsers } from '../../directory/users/users.api.ts';
import { previewClaimsOfUser } from '../../oidc/claims-preview/claims-preview.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationView, paramsOf, readApplication, readClaim } from './application-frame.pages.ts';
import { given, isMissing } from './forms.ts';
import { type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import type { Group, User } from './replies.ts';

const SHOWN = '10';

/** What is asked of the preview besides the user; each stays when another one is chosen. */
const ASKED = ['scope', 'resource', 'group_id'];

/** The claims that an application would receive about the chosen user, and why. */
export const applicationPreviewPage = (resources: readonly string[]): ConsolePage => ({
  path: '/console/applications/:client_id/preview',
  scope: 'applications:read',
  show: (visit) => showPreview(visit, resources),
});

async function showPreview(visit: ConsoleVisit, resources: readonly string[]): Promise<PageReply> {
  const application = await readApplication(visit);
  const form = given(visit.request.query, ['q', 'user_id', 'group_q', ...ASKED]);
  const found = await usersFor(visit, form['q']);
  const seen = form['user_id'] ? await claimsOf(visit, form['user_id']) : undefined;
  const isMissed = Boolean(form['user_id']) && !seen;
  const groups = seen ? await groupsFor(visit, form['group_q']) : [];
  return applicationView(visit, application, 'preview', { form, found, seen, isMissed, groups, resources });
}

async function usersFor({ call, can }: ConsoleVisit, q: string | undefined): Promise<User[]> {
  if (!can('users:read')) return [];
  const { body } = await call(listUsers, { query: { limit: SHOWN, ...(q ? { q } : {}) } });
  return body.result;
}

/** Nothing before something is searched for, since the groups of the user are explained anyway. */
async function groupsFor({ call }: ConsoleVisit, q: string | undefined): Promise<Group[]> {
  if (!q) return [];
  const { body } = await call(listGroups, { query: { limit: SHOWN, q } });
  return body.result;
}

const NOT_FOUND = ['user_not_found', 'group_not_found', 'not_a_sign_in_client', 'unknown_resource', 'invalid_input'];

async function claimsOf(visit: ConsoleVisit, userId: string) {
  const params = { ...paramsOf(visit), user_id: userId };
  try {
    const { body: user } = await visit.call(getUser, { params: { user_id: userId } });
    const query = given(visit.request.query, ASKED);
    const { body } = await visit.call(previewClaimsOfUser, { params, query });
    const claim = await readClaim(visit);
    const { id_token: idToken, userinfo } = body.result;
    const groups = [userinfo, idToken].map((claims) => claims?.[claim]).find(Array.isArray) as string[];
    return { user: user.result, values: groups ?? [], ...body.result };
  } catch (error) {
    if (NOT_FOUND.some((code) => isMissing(error, code))) return undefined;
    throw error;
  }
}
