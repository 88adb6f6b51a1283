import type { ClaimsPreview } from '../../directory/applications/application.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationView, paramsOf, readApplication, readClaim } from './application-frame.pages.ts';
import { given, isMissing } from './forms.ts';
import { type ConsolePage, type ConsoleVisit, type Many, type One } from './frame.pages.ts';
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
  const { body } = await call<Many<User>>('get /v1/users', { query: { limit: '10', ...(q ? { q } : {}) } });
  return body.result;
}

async function claimsOf(visit: ConsoleVisit, userId: string) {
  const params = { ...paramsOf(visit), user_id: userId };
  try {
    const { body: user } = await visit.call<One<User>>('get /v1/users/{user_id}', { params: { user_id: userId } });
    const call = 'get /v1/applications/{client_id}/claims/{user_id}';
    const { body } = await visit.call<One<ClaimsPreview>>(call, { params });
    const claim = await readClaim(visit);
    const { id_token: idToken, userinfo } = body.result;
    const groups = [userinfo, idToken].map((claims) => claims[claim]).find(Array.isArray) as string[];
    return { user: user.result, groups: groups ?? [], ...body.result };
  } catch (error) {
    if (isMissing(error, 'user_not_found') || isMissing(error, 'signs_nobody_in')) return undefined;
    throw error;
  }
}
