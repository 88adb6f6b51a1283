import { CohortError } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import type { Application } from '../../directory/applications/application.ts';
import { faultsOfClaimPolicy } from '../../directory/applications/claim-policy.ts';
import type { ApplicationRow } from './application-row.ts';
import type { RowFault } from './row.ts';

/** What is wrong with the claim policy of a row. `groupIds` are those of the groups that there are. */
export function faultsOfPolicy(
  row: ApplicationRow,
  { type, claimPolicy }: Application,
  groupIds: ReadonlySet<Id>,
): RowFault[] {
  if (!row.claim_policy) return [];
  const column = 'claim_policy';
  if (type === 'service')
    return [{ column, reason: 'must be empty for a service, because services receive no claims about users' }];
  const unknown = (row.claim_policy.group_ids ?? []).filter((id) => !groupIds.has(id));
  const impossible = faultsOfClaimPolicy(claimPolicy).map(
    ({ pointer = '', detail }) => `${pointer.slice(2)}: ${detail}`,
  );
  const reasons = [...unknown.map((id) => `group_ids: group ${id} does not exist`), ...impossible];
  return reasons.map((reason) => ({ column, reason }));
}

/** What a rule of the directory refuses, as faults of columns. */
export function refusalsOf(check: () => void): RowFault[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof CohortError)) throw error;
    return error.faults.map(({ pointer = '', detail }) => {
      const [column = '', ...rest] = pointer.replace(/^#\//, '').split('/');
      return { column, reason: rest.length > 0 ? `${rest.join('.')}: ${detail}` : detail };
    });
  }
}
