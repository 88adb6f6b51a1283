import { getUser, listUsers } from '../../directory/users/users.api.ts';
import { previewClaimsOfUser } from '../../oidc/claims/claims-preview.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationView, paramsOf, readApplication, readClaim } from './application-frame.pages.ts';
import { given, isMissing } from './forms.ts';
import { type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import type { User } from './replies.ts';

/** The claims that an application would receive about the chosen user. */
export const applicationPreviewPage: ConsolePage = {
  path: '/console/applications/:client_id/preview',
  scope: 'applications:read',
  show: showPreview,
};

async function showPreview(visit: ConsoleVisit): Promise<PageReply> {
  const application = await readApplication(visit);
  const form = given(visit.request.query, ['q', 'user_id']);
  const found = await usersFor(visit, form['q']);
  const seen = form['user_id'] ? await claimsOf(visit, form['user_id']) : undefined;
  const isMissed = Boolean(form['user_id']) && !seen;
  return applicationView(visit, application, 'preview', { form, found, seen, isMissed });
}

async function usersFor({ call, can }: ConsoleVisit, q: string | undefined): Promise<User[]> {
  if (!can('users:read')) return [];
  const { body } = await call(listUsers, { query: { limit: '10', ...(q ? { q } : {}) } });
  return body.result;
}

async function claimsOf(visit: ConsoleVisit, userId: string) {
  const params = { ...paramsOf(visit), user_id: userId };
  try {
    const { body: user } = await visit.call(getUser, { params: { user_id: userId } });
    const call = previewClaimsOfUser;
    const { body } = await visit.call(call, { params });
    const claim = await readClaim(visit);
    const { id_token: idToken, userinfo } = body.result;
    const groups = [userinfo, idToken].map((claims) => claims[claim]).find(Array.isArray) as string[];
    return { user: user.result, groups: groups ?? [], ...body.result };
  } catch (error) {
    if (isMissing(error, 'user_not_found') || isMissing(error, 'not_a_sign_in_client')) return undefined;
    throw error;
  }
}
