import type { Subject } from '../audit/audit-event.ts';
import type { AddOutcome, Candidate, Item, Named, RemoveOutcome } from './membership.ts';
import { hasEnded } from './period.ts';

/** A membership that has not begun counts: it is changed and not added again. */
const hasMembership = ({ membership }: Candidate, at: Date): boolean =>
  membership !== undefined && !hasEnded(membership, at);

export function addOutcome(candidate: Candidate, at: Date): AddOutcome {
  if (!candidate.isCustomer) return 'not_a_customer';
  return hasMembership(candidate, at) ? 'already_member' : 'added';
}

export const removeOutcome = (candidate: Candidate, at: Date): RemoveOutcome =>
  hasMembership(candidate, at) ? 'removed' : 'not_a_member';

/** One item for each of the named, in the order in which they were named. */
export function itemsOf<Outcome>(
  named: Named,
  candidates: Candidate[],
  outcomeOf: (candidate: Candidate) => Outcome,
): Item<Outcome | 'no_such_user'>[] {
  const byId = 'userIds' in named;
  const found = new Map(candidates.map((candidate) => [byId ? candidate.id : candidate.username, candidate]));
  return (byId ? named.userIds : named.usernames).map((name) => {
    const candidate = found.get(name);
    if (candidate) return { userId: candidate.id, username: candidate.username, outcome: outcomeOf(candidate) };
    return { userId: byId ? name : null, username: byId ? null : name, outcome: 'no_such_user' };
  });
}

export function subjectsOf<Outcome>(items: Item<Outcome>[], outcome: Outcome): Subject[] {
  return items.flatMap((item) =>
    item.outcome === outcome && item.userId && item.username ? [{ id: item.userId, name: item.username }] : [],
  );
}
