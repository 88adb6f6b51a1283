import { describeSettings, faultOfSetting, type DescribedSetting } from '../../../config/describe.ts';
import type { Environment } from '../../../config/load.ts';
import type { Actor } from '../../platform/actor.ts';
import { defineError } from '../../platform/errors.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { SettingStore } from './setting-store.ts';

export const UnusableSetting = defineError('invalid', 'unusable_setting', 'Invalid setting value.');

export interface SettingsOptions {
  store: SettingStore;
  /** What the operator has set; it comes first. */
  environment: Environment;
  audit: Audit;
  transact: Transact;
}

export type Settings = ReturnType<typeof createSettings>;

/** What administrators see of how this Cohort is set up, and change where the environment says nothing. */
export function createSettings({ store, environment, audit, transact }: SettingsOptions) {
  const list = async (): Promise<DescribedSetting[]> => describeSettings(environment, await store.read());

  /** Null is back to the default. All of them or none. @throws UnusableSetting */
  async function change(actor: Actor, wanted: Record<string, string | null | undefined>): Promise<void> {
    const faults = Object.entries(wanted).flatMap(([variable, text = null]) => {
      const detail = faultOfSetting(environment, variable, text);
      return detail ? [{ pointer: `#/${variable}`, detail }] : [];
    });
    if (faults.length > 0) throw UnusableSetting({ faults });
    await transact(async () => {
      const before = await store.read();
      const all = Object.entries({ ...before, ...wanted });
      const changed = Object.keys(wanted).filter(
        (variable) => (before[variable] ?? null) !== (wanted[variable] ?? null),
      );
      if (changed.length === 0) return;
      await store.write(Object.fromEntries(all.flatMap(([name, text]) => (text ? [[name, text]] : []))));
      await audit.record(actor, 'settings.changed', { kind: 'settings', id: '', name: '' }, { settings: changed });
    });
  }

  return { list, change };
}
