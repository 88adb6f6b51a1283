import type { z } from 'zod';
import type { impactReply } from '../../platform/impact.ts';
import {
  getAccessOfUser,
  getAccessRule,
  listUsersWithAccess,
  setAccessRule,
} from '../../directory/application-access/application-access.api.ts';
import { listUsers } from '../../directory/users/users.api.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationPlace, applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { given, isMissing, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupPicker } from './group-form.ts';
import { picker } from './picker.ts';

const SHOWN = '20';

/** Who may sign in to an application, and why others may not. */
export const applicationAccessPage: ConsolePage = {
  path: '/console/applications/:client_id/access',
  scope: 'applications:read',
  changes: 'applications:write',
  show: (visit) => show(visit),
  submit,
};

type Body = BodyOf<typeof setAccessRule>;
type Impact = z.output<typeof impactReply>['result']['impact'][number];

const bodyIn = ({ request: { fields } }: ConsoleVisit): Body => ({
  access: fields['access'] === 'groups' ? 'groups' : 'everyone',
  group_ids: fields['access'] === 'groups' ? ticked(fields, 'group') : [],
  contact: fields['contact']?.trim() || null,
});

async function show(visit: ConsoleVisit): Promise<PageReply> {
  try {
    const { body } = await visit.call(getAccessRule, { params: paramsOf(visit) });
    return await accessView(visit, body.result);
  } catch (error) {
    if (!isMissing(error, 'not_a_sign_in_client')) throw error;
    return { redirect: applicationPlace(paramsOf(visit).client_id) };
  }
}

async function submit(visit: ConsoleVisit): Promise<PageReply> {
  const body = bodyIn(visit);
  const { step } = visit.request.fields;
  if (step === 'search') return accessView(visit, body);
  const call = { params: paramsOf(visit), body };
  try {
    if (step === 'check') {
      const { body: reply } = await visit.call(setAccessRule, { ...call, query: { dry_run: 'true' } });
      // A cast, because the dry run of this call answers with the impact.
      const { impact } = (reply as unknown as z.output<typeof impactReply>).result;
      return await accessView(visit, body, { losing: impact[0] });
    }
    await visit.call(setAccessRule, call);
  } catch (error) {
    return accessView(visit, body, { refusal: refusalOf(error) });
  }
  return doneAt(applicationPlace(paramsOf(visit).client_id, 'access'), 'access_saved');
}

interface Said {
  refusal?: Refusal;
  losing?: Impact | undefined;
}

async function accessView(visit: ConsoleVisit, rule: Body, { refusal, losing }: Said = {}): Promise<PageReply> {
  const fields = { ...ticks('group', rule.group_ids ?? []), group_q: visit.request.fields['group_q'] ?? '' };
  const groups = visit.can('groups:read') ? await picker(visit, fields, groupPicker) : undefined;
  const maySeeUsers = visit.can('users:read') && !visit.actor.adminScope;
  const model = {
    rule,
    groups,
    losing,
    maySeeUsers,
    users: maySeeUsers ? await usersWithAccess(visit) : undefined,
    ...(maySeeUsers ? await accessOfOne(visit) : { form: {} }),
  };
  const view = applicationView(visit, await readApplication(visit), 'access', model);
  return refusal ? refusedView(view, refusal) : view;
}

/** Users without access instead of those with it. */
const whose = ({ request: { query } }: ConsoleVisit): { has_access?: 'false' } =>
  query['has_access'] === 'false' ? { has_access: 'false' } : {};

async function usersWithAccess(visit: ConsoleVisit) {
  const query = { limit: SHOWN, count: 'true', ...given(visit.request.query, ['cursor']), ...whose(visit) };
  return (await visit.call(listUsersWithAccess, { params: paramsOf(visit), query })).body;
}

type Asked = { reason: string; groups?: { name: string }[] };

/** Whether the user has access whose email was typed in, and why. */
async function accessOfOne(visit: ConsoleVisit): Promise<{ form: Record<string, string>; asked?: Asked }> {
  const form: Record<string, string> = { ...given(visit.request.query, ['username', 'cursor']), ...whose(visit) };
  if (!form['username']) return { form };
  try {
    const found = await visit.call(listUsers, { query: { username: form['username'] } });
    const [user] = found.body.result;
    if (!user) return { form, asked: { reason: 'unknown' } };
    const params = { ...paramsOf(visit), user_id: user.user_id };
    return { form, asked: (await visit.call(getAccessOfUser, { params })).body.result };
  } catch (error) {
    refusalOf(error);
    return { form, asked: { reason: 'unknown' } };
  }
}
