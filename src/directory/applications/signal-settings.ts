import { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { InvalidApplication, type Application } from './application.ts';
import type { ApplicationStore } from './application-store.ts';

/** What happens to the sign-in of a user who may no longer sign in to an application. */
export const ON_ACCESS_LOST = ['nothing', 'end_refresh_tokens', 'sign_out'] as const;
export type OnAccessLost = (typeof ON_ACCESS_LOST)[number];

/** What an application does not have to ask for: how it is told of changes, and what a change ends by itself. */
export interface SignalSettings {
  /** May have streams of security events (OpenID Shared Signals Framework 1.0). */
  shared: boolean;
  onAccessLost: OnAccessLost;
}

export const NO_SIGNALS: SignalSettings = { shared: false, onAccessLost: 'nothing' };

export const signalSettingsShape = z.strictObject({
  shared_signals: z.boolean().default(false).meta({
    description:
      'Let the application create streams of security events (OpenID Shared Signals Framework 1.0), with an access token that it gets with its own credentials and the scopes `ssf.read` and `ssf.manage`.',
  }),
  on_access_lost: z.enum(ON_ACCESS_LOST).default('nothing').meta({
    description:
      'For users who may no longer sign in to the application: `end_refresh_tokens` ends what was granted to it, with all tokens; `sign_out` also sends back-channel logout. They get no new tokens in any case.',
  }),
});

export type SignalSettingsBody = z.output<typeof signalSettingsShape>;

export const signalSettingsReply = z
  .strictObject({ shared_signals: z.boolean(), on_access_lost: z.enum(ON_ACCESS_LOST) })
  .meta({ id: 'SignalSettings' });

export const toSignalSettings = (body: SignalSettingsBody): SignalSettings => ({
  shared: body.shared_signals,
  onAccessLost: body.on_access_lost,
});

export const presentSignalSettings = (settings: SignalSettings = NO_SIGNALS): z.output<typeof signalSettingsReply> => ({
  shared_signals: settings.shared,
  on_access_lost: settings.onAccessLost,
});

/** Whether an application is to be told of, or to lose, anything when what it reads changes. */
export const wantsSignals = ({ signals = NO_SIGNALS }: Pick<Application, 'signals'>): boolean =>
  signals.shared || signals.onAccessLost !== 'nothing';

/** A receiver asks for its access tokens with credentials of its own. @throws InvalidApplication */
export function assertMayReceive({ type }: Pick<Application, 'type'>, { shared }: SignalSettings): void {
  if (!shared || type === 'web') return;
  const detail = 'must be false for an application that cannot authenticate itself';
  throw InvalidApplication({ faults: [{ pointer: '#/shared_signals', detail }] });
}

export interface SignalSettingsOptions {
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

export type SignalSettingsService = ReturnType<typeof createSignalSettings>;

/** How each application learns of changes. */
export function createSignalSettings(options: SignalSettingsOptions) {
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
