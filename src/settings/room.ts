/**
 * Owns what administrators may see of how this Cohort is set up, and the two things that they may do about it: replace the
 * keys, and send themselves a letter.
 * Must not touch: the settings, which come from the environment, and how keys and letters work.
 */
import type { Room } from '../room.ts';
import { settingsEndpoints, type SettingsEndpointsOptions } from './settings.api.ts';

export function settingsRoom(options: SettingsEndpointsOptions): Room {
  return {
    name: 'settings',
    scopes: {
      'settings:read': 'Read the settings and which keys there are.',
      'settings:write': 'Replace the signing keys, send a test letter.',
    },
    endpoints: settingsEndpoints(options),
  };
}
