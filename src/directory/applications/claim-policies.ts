import { system, type Actor } from '../../platform/actor.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { assertKnownGroups, type ExistingGroups } from '../groups/known-groups.ts';
import { ApplicationNotFound, InvalidApplication, NotASignInClient, type Application } from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { DEFAULT_CLAIM_POLICY, faultsOfClaimPolicy, presentClaimPolicy, type ClaimPolicy } from './claim-policy.ts';

export interface ClaimPoliciesOptions {
  store: Pick<ApplicationStore, 'find' | 'replace' | 'takeGroup' | 'withEndedFormerNames'>;
  cache: { forget(id: string): void };
  audit: Audit;
  transact: Transact;
  now: Clock;
  existingGroups: ExistingGroups;
  /** Whether an actor may make this of that. @throws InsufficientScope */
  assertMayWrite(actor: Actor, before: Application, after: Application): void;
}

const MOST_AT_ONCE = 100;

export type ClaimPolicies = ReturnType<typeof createClaimPolicies>;

/** Which groups each application receives. */
export function createClaimPolicies(options: ClaimPoliciesOptions) {
  const { store, cache, audit, transact, now, existingGroups, assertMayWrite } = options;

  /** @throws ApplicationNotFound, NotASignInClient */
  async function get(id: string): Promise<ClaimPolicy> {
    return (await getApplication(id)).claimPolicy;
  }

  /** @throws ApplicationNotFound, NotASignInClient, InvalidApplication, UnknownGroup, InsufficientScope */
  async function set(actor: Actor, id: string, claimPolicy: ClaimPolicy): Promise<ClaimPolicy> {
    const faults = faultsOfClaimPolicy(claimPolicy);
    const work = async () => {
      const application = await getApplication(id);
      if (faults.length > 0) throw InvalidApplication({ faults });
      await assertKnownGroups(existingGroups, [{ ids: claimPolicy.groupIds, pointer: '#/group_ids' }]);
      const changed = { ...application, claimPolicy, updatedAt: now() };
      assertMayWrite(actor, application, changed);
      const fields = changedFields(presentClaimPolicy(claimPolicy), presentClaimPolicy(application.claimPolicy));
      if (fields.length === 0) return application.claimPolicy;
      await store.replace(changed);
      const target = { kind: 'application', id, name: application.name };
      await audit.record(actor, 'application.claim_policy_changed', target);
      return claimPolicy;
    };
    return transact(work, () => cache.forget(id));
  }

  /** An application that signs users in. @throws ApplicationNotFound, NotASignInClient */
  async function getApplication(id: string): Promise<Application> {
    const application = await store.find(id);
    if (!application) throw ApplicationNotFound();
    if (application.type === 'service') throw NotASignInClient();
    return application;
  }

  /**
   * Takes a group that is removed out of the policies that name it, in the transaction that removes it. A policy that named
   * no other lets nothing through from then on, rather than everything. What is remembered of one may go on naming it for a
   * moment, since no other group ever has its id.
   */
  const takeGroup = (groupId: Id): Promise<void> => store.takeGroup(groupId, now());

  /**
   * Gives policies that included former names until now the form that they have now. Claims follow the clock without it; it is
   * for those who look at policies and at their changes.
   */
  async function endFormerNames(): Promise<void> {
    for (const { id } of await store.withEndedFormerNames(now(), MOST_AT_ONCE))
      await transact(
        () => endFormerNamesOf(id),
        () => cache.forget(id),
      );
  }

  async function endFormerNamesOf(id: string): Promise<void> {
    const application = await store.find(id);
    const { renamedGroupsUntil, ...policy } = application?.claimPolicy ?? DEFAULT_CLAIM_POLICY;
    // Another one may have been set meanwhile.
    if (!application || !renamedGroupsUntil || renamedGroupsUntil > now()) return;
    const claimPolicy = { ...policy, renamedGroups: 'current' as const };
    await store.replace({ ...application, claimPolicy, updatedAt: now() });
    const target = { kind: 'application', id, name: application.name };
    await audit.record(system, 'application.claim_policy_changed', target);
  }

  return { getApplication, get, set, takeGroup, endFormerNames };
}
