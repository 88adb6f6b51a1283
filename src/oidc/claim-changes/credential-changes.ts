import type { AuditAction } from '../../directory/audit/audit-action.ts';
import type { AuditEvent } from '../../directory/audit/audit-event.ts';
import type { KnownUser } from '../shared-signals/known-user.ts';
import type { Signal } from '../shared-signals/security-event.ts';

interface CredentialChange {
  credential_type: string;
  change_type: 'create' | 'update' | 'delete';
}

const PASSWORD = 'password';
const FACTOR_TYPES: Record<string, string> = { totp: 'app', passkey: 'fido2-roaming' };

/** What each entry of the audit log about credentials is to applications (CAEP 1.0, section 3.3). */
const CHANGES: Partial<Record<AuditAction, (details: Record<string, unknown>) => CredentialChange>> = {
  'user.password_set': () => ({ credential_type: PASSWORD, change_type: 'update' }),
  'user.password_reset': () => ({ credential_type: PASSWORD, change_type: 'update' }),
  'user.invitation_accepted': () => ({ credential_type: PASSWORD, change_type: 'create' }),
  'mfa.enrolled': (details) => ({ credential_type: typeOf(details), change_type: 'create' }),
  'mfa.removed': (details) => ({ credential_type: typeOf(details), change_type: 'delete' }),
};

export const CREDENTIAL_ACTIONS = Object.keys(CHANGES) as AuditAction[];

const typeOf = ({ kind }: Record<string, unknown>): string => FACTOR_TYPES[String(kind)] ?? 'app';

/** What the applications of users are told about changed credentials. */
export function credentialSignals(events: AuditEvent[], known: KnownUser[]): Signal[] {
  return events.flatMap(({ id: txn, action, target, details, actor, at }) => {
    const change = CHANGES[action as AuditAction]?.(details);
    if (!change) return [];
    const initiator = actor.id === target.id ? 'user' : 'admin';
    return known
      .filter(({ userId }) => userId === target.id)
      .map(({ clientId, userId }) => ({
        clientId,
        userId,
        event: 'credential-change' as const,
        details: { ...change, initiating_entity: initiator },
        at,
        txn,
      }));
  });
}
