import { unixSeconds } from '../platform/clock.ts';
import { readAllPages, type Page, type PageRequest } from '../platform/paging.ts';
import type { Id } from '../platform/ids.ts';
import type { AuditEvent } from '../directory/audit/audit-event.ts';
import type { Audit } from '../directory/audit/audit.ts';
import { presentFactors } from '../authentication/mfa/factor.ts';
import type { Factors } from '../authentication/mfa/factors.ts';
import type { Group } from '../directory/groups/group.ts';
import type { Membership } from '../directory/memberships/period.ts';
import { presentUser, type User } from '../directory/users/user.ts';
import type { Sessions } from '../oidc/sessions/sessions.ts';

const RECENT = 50;

export interface AccountOptions {
  sessions: Sessions;
  factors: Pick<Factors, 'find' | 'listDevices'>;
  groupsOf(userId: Id, page: PageRequest): Promise<Page<Group>>;
  allGroupsOf(userId: Id): Promise<Group[]>;
  currentMemberships(user: User): Membership[];
  /** Which terms they agreed to, and when. */
  termsOf(userId: Id): Promise<{ terms: string; agreedAt: Date } | undefined>;
  audit: Audit;
}

export type Account = ReturnType<typeof createAccount>;

/** What users may know of themselves, and end themselves. */
export function createAccount(options: AccountOptions) {
  const { sessions, factors, groupsOf, allGroupsOf, currentMemberships, termsOf, audit } = options;

  /** The newest first: what they did, and what was done to them. */
  const activity = (user: User, page: PageRequest): Promise<Page<AuditEvent>> =>
    audit.search({ targetId: user.id, oldestFirst: false }, page);

  /** Everything that is kept about them, as they would want to take it along. */
  async function data(user: User): Promise<Record<string, unknown>> {
    const open = await readAllPages((page) => sessions.sessionsOf(user, page));
    const connections = await readAllPages((page) => sessions.connections(user, page));
    const { items: recent } = await activity(user, { list: '', limit: RECENT });
    const agreement = await termsOf(user.id);
    return {
      user: presentUser(user),
      terms: agreement ? { address: agreement.terms, agreed_at: unixSeconds(agreement.agreedAt) } : null,
      groups: (await allGroupsOf(user.id)).map(({ id, name, description }) => ({ group_id: id, name, description })),
      memberships: currentMemberships(user).map(({ group, since }) => ({
        group_id: group,
        since: unixSeconds(since),
      })),
      applications: connections.map(({ application, scopes }) => ({
        client_id: application.id,
        name: application.name,
        scopes,
      })),
      sessions: open.map(({ userAgent, address, createdAt, seenAt }) => ({
        user_agent: userAgent,
        address,
        created_at: unixSeconds(createdAt),
        last_seen_at: unixSeconds(seenAt),
      })),
      factors: presentFactors(await factors.find(user.id)),
      trusted_devices: (await factors.listDevices(user.id)).map(({ userAgent, address, createdAt, expiresAt }) => ({
        user_agent: userAgent,
        address,
        created_at: unixSeconds(createdAt),
        expires_at: unixSeconds(expiresAt),
      })),
      activity: recent.map(({ action, at, address }) => ({
        action,
        at: unixSeconds(at),
        address: address ?? null,
      })),
    };
  }

  return { ...sessions, activity, data, groupsOf };
}
