/**
 * Owns the settings that administrators see, and change where the environment does not set them; the rotation of the
 * keys; and the test email.
 * Must not touch: the environment, how settings are applied (`app/reload.ts`), and how keys and emails work.
 */
import type { Room } from '../../module.ts';
import type { SettingStore } from './setting-store.ts';
import { settingsEndpoints, type SettingsEndpointsOptions } from './settings.api.ts';
import { createSettings, type SettingsOptions } from './settings.ts';

export interface SettingsRoomOptions extends Omit<SettingsEndpointsOptions, 'settings'>, SettingsOptions {
  store: SettingStore;
  /** Called when the stored settings may not be those any more with which everything was built. */
  onChange?: (() => void) | undefined;
}

export function settingsRoom(options: SettingsRoomOptions): Room {
  const { store, onChange } = options;
  return {
    name: 'settings',
    scopes: {
      'settings:read': 'Read the settings and list the keys.',
      'settings:write': 'Change settings, rotate the keys, send a test email.',
    },
    endpoints: settingsEndpoints({ ...options, settings: createSettings(options) }),
    ...(onChange ? { start: () => store.follow(onChange), stop: store.unfollow } : {}),
  };
}
