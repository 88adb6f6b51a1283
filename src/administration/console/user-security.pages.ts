import { getLock, unlockUser } from '../../authentication/credentials/lock.api.ts';
import { getInvitation, revokeInvitation, sendInvitation } from '../../authentication/invitations/invitations.api.ts';
import { listFactors } from '../../authentication/mfa/factors.api.ts';
import { disableUser, enableUser } from '../../directory/users/users.api.ts';
import type { z } from 'zod';
import type { factorReply } from '../../authentication/mfa/factor.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { invitationReply } from '../../authentication/invitations/invitation.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { given, isMissing, refusalOf, type Refusal } from './forms.ts';
import { paramsOf, readUser, userPlace, userView } from './user-frame.pages.ts';

export type Factor = z.output<typeof factorReply>;

type Act = (visit: ConsoleVisit) => Promise<unknown>;

/** What the buttons of the page call, and what the page says then. */
const STEPS: Record<string, { act: Act; done: string; undo?: string }> = {
  disable: {
    act: (visit) => visit.call(disableUser, { params: paramsOf(visit) }),
    done: 'user_disabled',
    undo: 'enable',
  },
  enable: {
    act: (visit) => visit.call(enableUser, { params: paramsOf(visit) }),
    done: 'user_enabled',
    undo: 'disable',
  },
  unlock: { act: (visit) => visit.call(unlockUser, { params: paramsOf(visit) }), done: 'user_unlocked' },
  invite: { act: (visit) => visit.call(sendInvitation, { params: paramsOf(visit) }), done: 'invitation_sent' },
  revoke: {
    act: (visit) => visit.call(revokeInvitation, { params: paramsOf(visit) }),
    done: 'invitation_revoked',
    undo: 'invite',
  },
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
  const place = userPlace(paramsOf(visit).user_id, 'security');
  const step = STEPS[visit.request.fields['step'] ?? ''];
  if (!step) return securityView(visit);
  try {
    await step.act(visit);
  } catch (error) {
    return securityView(visit, refusalOf(error));
  }
  return doneAt(place, step.done, step.undo ? { action: place, fields: { step: step.undo } } : undefined);
}

async function securityView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const user = await readUser(visit);
  const params = paramsOf(visit);
  const { result: lock } = (await visit.call(getLock, { params })).body;
  const { body: page } = await visit.call(listFactors, { params, query: given(visit.request.query, ['cursor']) });
  const invitation = user.status === 'invited' ? await invitationOf(visit) : undefined;
  const view = await userView(visit, user, 'security', { lock, factors: page.result, page, invitation });
  return refusal ? refusedView(view, refusal) : view;
}

async function invitationOf(visit: ConsoleVisit): Promise<z.output<typeof invitationReply> | undefined> {
  try {
    return (await visit.call(getInvitation, { params: paramsOf(visit) })).body.result;
  } catch (error) {
    // Imported, or created without an email.
    if (isMissing(error, 'invitation_not_found')) return undefined;
    throw error;
  }
}
