import type { z } from 'zod';
import type { lockReply } from '../../authentication/credentials/lock.api.ts';
import type { factorReply } from '../../authentication/mfa/factor.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { invitationReply } from '../../authentication/invitations/invitation.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit, type One } from './frame.pages.ts';
import { isMissing, refusalOf, type Refusal } from './forms.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

export type Factor = z.output<typeof factorReply>;

/** What the buttons of the page call, and what the page says then. */
const STEPS: Record<string, { call: string; done: string; undo?: string }> = {
  disable: { call: 'post /v1/users/{user_id}/disable', done: 'user_disabled', undo: 'enable' },
  enable: { call: 'post /v1/users/{user_id}/enable', done: 'user_enabled', undo: 'disable' },
  unlock: { call: 'delete /v1/users/{user_id}/lock', done: 'user_unlocked' },
  invite: { call: 'post /v1/users/{user_id}/invitation', done: 'invitation_sent' },
  revoke: { call: 'delete /v1/users/{user_id}/invitation', done: 'invitation_revoked', undo: 'invite' },
};

/** A user's sign-in: status, invitation, password, backoff after failed attempts, factors. */
export const userSecurityPage: ConsolePage = {
  path: '/console/users/:user_id/security',
  scope: 'users:read',
  changes: 'users:write',
  show: (visit) => securityView(visit),
  submit: act,
};

async function act(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  const place = userPlace(params.user_id, 'security');
  const step = STEPS[visit.request.fields['step'] ?? ''];
  if (!step) return securityView(visit);
  try {
    await visit.call(step.call, { params });
  } catch (error) {
    return securityView(visit, refusalOf(error));
  }
  return doneAt(place, step.done, step.undo ? { action: place, fields: { step: step.undo } } : undefined);
}

async function securityView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const user = await readUser(visit);
  const params = paramsOf(visit);
  const read = async <T>(name: string) => (await visit.call<One<T>>(name, { params })).body.result;
  const lock = await read<z.output<typeof lockReply>>('get /v1/users/{user_id}/lock');
  const factors = await read<Factor[]>('get /v1/users/{user_id}/factors');
  const invitation = user.status === 'invited' ? await invitationOf(visit) : undefined;
  const view = await userView(visit, user, 'security', { lock, factors, invitation });
  return refusal ? refusedView(view, refusal) : view;
}

async function invitationOf(visit: ConsoleVisit): Promise<z.output<typeof invitationReply> | undefined> {
  try {
    const call = 'get /v1/users/{user_id}/invitation';
    return (await visit.call<One<z.output<typeof invitationReply>>>(call, { params: paramsOf(visit) })).body.result;
  } catch (error) {
    // Imported, or created without an email.
    if (isMissing(error, 'invitation_not_found')) return undefined;
    throw error;
  }
}
