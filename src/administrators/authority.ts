import { requireScopes, type Actor } from '../base/actor.ts';
import type { Application } from '../applications/application.ts';
import type { Person } from '../users/user.ts';
import { createLimits, type LimitsOptions } from './limits.ts';

export interface AuthorityOptions extends LimitsOptions {
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Every scope there is; a call with another one is refused by what it calls. */
  knownScopes(): string[];
}

/** What is about to be called, and with what. */
export interface Request {
  method: string;
  path: string;
  params: unknown;
  query: unknown;
  body: unknown;
}

/** The scope for whatever changes an administrator, and with it who may do what. */
const ADMINISTRATORS = 'administrators:write';
/** The scope for who is in what, which a new user may be given too. */
const MEMBERSHIPS = 'groups:write';

/** Whether somebody with these rights may change this person, as far as it is not a matter of the call's own scope. */
export const reachesPerson = (can: (scope: string) => boolean, { kind }: { kind: Person['kind'] }): boolean =>
  kind !== 'administrator' || can(ADMINISTRATORS);

/**
 * What the scope of an endpoint does not say yet, for `/v1` and the console alike. Nobody may give away what they do not
 * have: who looks after customers cannot take over an administrator, and who looks after applications cannot make one with
 * more rights than their own.
 */
export function createAuthority({ findApplication, knownScopes, ...options }: AuthorityOptions) {
  const { findPerson } = options;
  const limits = createLimits(options);

  /** @throws InsufficientScope, and for who is limited to some groups OutOfReach, UserNotFound, GroupNotFound */
  async function authorize(actor: Actor, request: Request): Promise<void> {
    const { method, params, body } = request;
    if (actor.limitedTo) await limits.authorize(actor, request);
    if (method === 'get') return;
    const { user_id: userId, client_id: clientId } = params as { user_id?: string; client_id?: string };
    if (userId && (await findPerson(userId))?.kind === 'administrator') requireScopes(actor, [ADMINISTRATORS]);
    if (makesAdministrator(body)) requireScopes(actor, [ADMINISTRATORS]);
    // Who is limited to groups creates nobody outside of them.
    if (putsIntoGroups(body) && !actor.limitedTo) requireScopes(actor, [MEMBERSHIPS]);
    const scopes = clientId ? ((await findApplication(clientId))?.adminScopes ?? []) : [];
    const known = new Set(knownScopes());
    requireScopes(
      actor,
      [...scopes, ...scopesIn(body)].filter((scope) => known.has(scope)),
    );
  }

  return { authorize };
}

function makesAdministrator(body: unknown): boolean {
  const { kind, users = [] } = (body ?? {}) as { kind?: string; users?: { kind?: string }[] };
  return [{ kind }, ...users].some((each) => each.kind === 'administrator');
}

function putsIntoGroups(body: unknown): boolean {
  const { group_ids: ids = [], users = [] } = (body ?? {}) as {
    group_ids?: unknown[];
    users?: { group_ids?: unknown[] }[];
  };
  return [{ group_ids: ids }, ...users].some((each) => (each.group_ids ?? []).length > 0);
}

function scopesIn(body: unknown): string[] {
  const { scopes = [] } = (body ?? {}) as { scopes?: string[] };
  return scopes;
}
