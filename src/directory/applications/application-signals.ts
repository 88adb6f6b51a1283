import type { Actor } from '../../platform/actor.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { InvalidApplication, type Application } from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { NO_SIGNALS, presentSignalSettings, type SignalSettings } from './signal-settings.ts';

/** A receiver asks for its access tokens with credentials of its own. @throws InvalidApplication */
export function assertMayReceive({ type }: Pick<Application, 'type'>, { shared }: SignalSettings): void {
  if (!shared || type === 'web') return;
  const detail = 'must be false for an application that cannot authenticate itself';
  throw InvalidApplication({ faults: [{ pointer: '#/shared_signals', detail }] });
}

export interface ApplicationSignalsOptions {
  store: Pick<ApplicationStore, 'replace' | 'withSignals'>;
  cache: { forget(id: string): void };
  audit: Audit;
  transact: Transact;
  now: Clock;
  /** An application that signs users in. @throws ApplicationNotFound, NotASignInClient */
  getApplication(id: string): Promise<Application>;
  /** Whether an actor may make this of that. @throws InsufficientScope */
  assertMayWrite(actor: Actor, before: Application, after: Application): void;
}

export type ApplicationSignals = ReturnType<typeof createApplicationSignals>;

/** How each application learns of changes. */
export function createApplicationSignals(options: ApplicationSignalsOptions) {
  const { store, cache, audit, transact, now, getApplication, assertMayWrite } = options;

  /** @throws ApplicationNotFound, NotASignInClient */
  const get = async (id: string): Promise<SignalSettings> => (await getApplication(id)).signals ?? NO_SIGNALS;

  /** @throws ApplicationNotFound, NotASignInClient, InvalidApplication, InsufficientScope */
  async function set(actor: Actor, id: string, signals: SignalSettings): Promise<SignalSettings> {
    const work = async () => {
      const application = await getApplication(id);
      assertMayReceive(application, signals);
      const changed = { ...application, signals, updatedAt: now() };
      assertMayWrite(actor, application, changed);
      const fields = changedFields(presentSignalSettings(signals), presentSignalSettings(application.signals));
      if (fields.length === 0) return signals;
      await store.replace(changed);
      const target = { kind: 'application', id, name: application.name };
      await audit.record(actor, 'application.signals_changed', target, { fields });
      return signals;
    };
    return transact(work, () => cache.forget(id));
  }

  return { get, set, withSignals: store.withSignals };
}
