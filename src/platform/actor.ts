import { defineError } from './errors.ts';
import type { Id } from './ids.ts';

/** A service with a token, a user in a session, or Cohort itself. */
export interface Actor {
  kind: 'service' | 'user' | 'system';
  /** The client id, the user id, or `cohort`. */
  id: string;
  name: string;
  /** What a service's token or an administrator's roles allow; empty for users acting on their own account, and for Cohort itself. */
  scopes: ReadonlySet<string>;
  /** The admin scope of an administrator: these groups and their subgroups. Absent: all groups. */
  adminScope?: readonly Id[] | undefined;
  /** The job that runs in the actor’s name. */
  jobId?: Id;
  /** The IP address the request came from. */
  address?: string;
}

/** Cohort acting by itself: first start, command line, scheduled tasks. */
export const system: Actor = { kind: 'system', id: 'cohort', name: 'Cohort', scopes: new Set() };

/** A user acting on their own account. */
export function themselves({ id, username }: { id: string; username: string }, address?: string): Actor {
  return { kind: 'user', id, name: username, scopes: new Set(), ...(address ? { address } : {}) };
}

export const InsufficientScope = defineError(
  'forbidden',
  'insufficient_scope',
  'The access token or administrator role does not have a required scope.',
);

export const OutsideAdminScope = defineError(
  'forbidden',
  'outside_admin_scope',
  'You can only do this in groups within your admin scope.',
);

/** Cohort itself may do anything. */
export const holds = ({ kind, scopes }: Actor, scope: string): boolean => kind === 'system' || scopes.has(scope);

/** For what needs more than the scope of its endpoint. @throws InsufficientScope naming all scopes that are lacking */
export function requireScopes(actor: Actor, scopes: string[]): void {
  const missing = scopes.filter((scope) => !holds(actor, scope));
  if (missing.length === 0) return;
  throw InsufficientScope({
    detail: `This request requires the scope ${missing.join(' ')}.`,
    challenge: `Bearer error="insufficient_scope", scope="${missing.join(' ')}"`,
  });
}
