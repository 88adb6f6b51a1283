/**
 * Owns the settings that administrators see, and change where the environment does not set them; the rotation of the
 * keys; and the test email.
 * Must not touch: the environment, how settings are applied (`app/reload.ts`), and how keys and emails work.
 */
import type { Environment } from '../../../config/load.ts';
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Keys } from '../../oidc/keys/keys.ts';
import type { SettingStore } from './setting-store.ts';
import { settingsEndpoints } from './settings.api.ts';
import { createSettings } from './settings.ts';
import { createSettingStore } from './stored-settings.mongo.ts';

export interface SettingsModuleOptions {
  audit: Audit;
  keys: Keys;
  mail: Pick<Mail, 'post'>;
  /** What the operator has set, which no administrator changes. */
  environment: Environment;
  /** Called when the stored settings may not be those any more with which everything was built. */
  onChange: (() => void) | undefined;
}

export interface SettingsService {
  /** The settings that administrators have changed. */
  readStored: SettingStore['read'];
}

export function createSettingsModule(
  { connection, transact, now, proxyWatch }: Platform,
  { audit, keys, mail, environment, onChange }: SettingsModuleOptions,
): { service: SettingsService; module: Module } {
  const store = createSettingStore(connection);
  const settings = createSettings({ store, environment, audit, transact });
  const module: Module = {
    name: 'settings',
    scopes: {
      'settings:read': 'Read the settings and list the keys.',
      'settings:write': 'Change settings, rotate the keys, send a test email.',
    },
    endpoints: settingsEndpoints({ settings, keys, post: mail.post, audit, transact, now }),
    warnings: async () => [{ code: 'untrusted_proxy', count: proxyWatch.isUntrusted() ? 1 : 0 }],
  };
  if (onChange) store.follow(onChange);
  return { service: { readStored: store.read }, module };
}
