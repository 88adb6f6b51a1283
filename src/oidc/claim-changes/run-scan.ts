import { toPageRequest, type Page, type PageRequest } from '../../platform/paging.ts';
import type { Id } from '../../platform/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import { everybody, type UserCriteria } from '../../directory/users/user-search.ts';
import type { KnownUser, KnownUserStore } from '../shared-signals/known-user.ts';
import type { ClaimChanges } from './claim-changes.ts';
import type { GrantedUsers } from './granted-users.mongo.ts';
import type { Scan, ScanStore } from './scan.ts';

/** So many users are looked at before single changes have their turn. */
const BLOCK = 200;
const LIST = 'claim-changes';

export interface RunScanOptions {
  scans: ScanStore;
  knownUsers: Pick<KnownUserStore, 'ofApplication' | 'ofUsers'>;
  grantedUsers: Pick<GrantedUsers, 'ofApplication'>;
  /** The IDs of users who match. */
  selectUsers(criteria: UserCriteria, page: PageRequest): Promise<Page<Id>>;
  claimChanges: ClaimChanges;
  transact: Transact;
  now: Clock;
}

/** One block of a scan. It may be done twice after a crash, and then finds nothing that is new. */
export function createRunScan(options: RunScanOptions) {
  const { scans, knownUsers, grantedUsers, selectUsers, claimChanges, transact, now } = options;

  return async (scan: Scan): Promise<void> => {
    const { what } = scan;
    if (what.kind === 'grants') return meetBlock(scan, what.clientId);
    if (what.kind === 'application') return lookAtUsersOf(scan, what.clientId);
    return lookAtMembers(scan, what.groupIds);
  };

  async function lookAtUsersOf(scan: Scan, clientId: string): Promise<void> {
    const known = await knownUsers.ofApplication(clientId, { after: scan.after, limit: BLOCK });
    await lookAt(scan, known, known.length === BLOCK ? known.at(-1)!.userId : undefined);
  }

  async function lookAtMembers(scan: Scan, groupIds: Id[]): Promise<void> {
    const criteria = { ...everybody, inAnyGroup: groupIds };
    const request = toPageRequest(LIST, { limit: BLOCK, ...(scan.after ? { cursor: scan.after } : {}) });
    const { items, next } = await selectUsers(criteria, request);
    await lookAt(scan, await knownUsers.ofUsers(items), next ?? undefined);
  }

  async function meetBlock(scan: Scan, clientId: string): Promise<void> {
    const granted = await grantedUsers.ofApplication(clientId, { after: scan.after, limit: BLOCK });
    const knownAt = now();
    await claimChanges.meet(granted.map((each) => ({ ...each, knownAt })));
    await goOn(scan, granted.length === BLOCK ? granted.at(-1)!.grantId : undefined);
  }

  async function lookAt(scan: Scan, users: KnownUser[], after: string | undefined): Promise<void> {
    const outcomes = await claimChanges.look(users.map((known) => ({ known })));
    await transact(async () => {
      await claimChanges.commit(outcomes);
      await goOn(scan, after);
    });
  }

  async function goOn(scan: Scan, after: string | undefined): Promise<void> {
    if (after === undefined) await scans.finish(scan);
    else await scans.advance(scan, after);
  }
}
