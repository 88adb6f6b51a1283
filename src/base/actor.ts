import { defineError } from './errors.ts';

/** Who does something: a service with a token, a person in a session, or Cohort itself. */
export interface Actor {
  kind: 'service' | 'person' | 'system';
  /** The client id, the user id, or `cohort`. */
  id: string;
  name: string;
  /** What a service's token allows; empty for the others, whose rights come from elsewhere. */
  scopes: ReadonlySet<string>;
  /** The network address the request came from. */
  address?: string;
}

/** Cohort acting by itself: first start, command line, chores. */
export const system: Actor = { kind: 'system', id: 'cohort', name: 'Cohort', scopes: new Set() };

/** A person acting on what is their own. */
export function themselves({ id, username }: { id: string; username: string }, address?: string): Actor {
  return { kind: 'person', id, name: username, scopes: new Set(), ...(address ? { address } : {}) };
}

export const InsufficientScope = defineError(
  'forbidden',
  'insufficient_scope',
  'The access token does not have the scope that this call needs.',
);

/** For what needs more than the scope of its endpoint. @throws InsufficientScope naming all scopes that a service lacks */
export function requireScopes(actor: Actor, scopes: string[]): void {
  if (actor.kind !== 'service') return;
  const missing = scopes.filter((scope) => !actor.scopes.has(scope));
  if (missing.length === 0) return;
  throw InsufficientScope({
    detail: `This call needs the scope ${missing.join(' ')}.`,
    challenge: `Bearer error="insufficient_scope", scope="${missing.join(' ')}"`,
  });
}
