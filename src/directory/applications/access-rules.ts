import type { Actor } from '../../platform/actor.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Clock } from '../../platform/clock.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Audit } from '../audit/audit.ts';
import { assertKnownGroups, type ExistingGroups } from '../groups/known-groups.ts';
import { presentAccessRule, type AccessRule } from './access-rule.ts';
import type { Application } from './application.ts';
import type { ApplicationStore } from './application-store.ts';

export interface AccessRulesOptions {
  store: Pick<ApplicationStore, 'replace'>;
  cache: { forget(id: string): void };
  audit: Audit;
  transact: Transact;
  now: Clock;
  existingGroups: ExistingGroups;
  /** An application that signs users in. @throws ApplicationNotFound, NotASignInClient */
  getApplication(id: string): Promise<Application>;
  /** Whether an actor may make this of that. @throws InsufficientScope */
  assertMayWrite(actor: Actor, before: Application, after: Application): void;
}

export type AccessRules = ReturnType<typeof createAccessRules>;

/** Which users may sign in to each application. */
export function createAccessRules(options: AccessRulesOptions) {
  const { store, cache, audit, transact, now, existingGroups, getApplication, assertMayWrite } = options;

  /** @throws ApplicationNotFound, NotASignInClient */
  const get = async (id: string): Promise<AccessRule> => (await getApplication(id)).access ?? {};

  /** @throws UnknownGroup */
  const check = (rule: AccessRule): Promise<void> =>
    assertKnownGroups(existingGroups, [{ ids: rule.groupIds, pointer: '#/group_ids' }]);

  /** @throws ApplicationNotFound, NotASignInClient, UnknownGroup, InsufficientScope */
  async function set(actor: Actor, id: string, access: AccessRule): Promise<AccessRule> {
    const work = async () => {
      const application = await getApplication(id);
      await check(access);
      const changed = { ...application, access, updatedAt: now() };
      assertMayWrite(actor, application, changed);
      const fields = changedFields(presentAccessRule(access), presentAccessRule(application.access));
      if (fields.length === 0) return access;
      await store.replace(changed);
      const target = { kind: 'application', id, name: application.name };
      await audit.record(actor, 'application.access_changed', target, { fields });
      return access;
    };
    return transact(work, () => cache.forget(id));
  }

  return { get, set, check, getApplication };
}
