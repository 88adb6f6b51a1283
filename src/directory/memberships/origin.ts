import type { Actor } from '../../platform/actor.ts';
import type { Origin } from './membership.ts';
import type { MembershipSource } from './period.ts';

/** What a membership says of how it came about. */
export const originOf = (actor: Actor, since: Date): Origin => ({
  since,
  by: actor.id,
  source: sourceOf(actor),
  ...(actor.jobId ? { job: actor.jobId } : {}),
});

/** Users without a scope act in My Account, as owners of the group. */
function sourceOf({ kind, scopes, jobId }: Actor): MembershipSource {
  if (jobId) return 'job';
  if (kind !== 'user') return kind;
  return scopes.size > 0 ? 'administrator' : 'group_owner';
}
