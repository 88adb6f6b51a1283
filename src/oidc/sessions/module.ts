/**
 * Owns the lists of a user's sessions and connected applications, and how they are ended.
 * Must not touch: sessions, grants and consents other than through the services it receives (`oidc/`).
 */
import type { Room } from '../../module.ts';
import { whereaboutsEndpoints, type WhereaboutsEndpointsOptions } from './sessions.api.ts';
import { createWhereabouts, type Whereabouts, type WhereaboutsOptions } from './sessions.ts';

export interface WhereaboutsRoomOptions extends WhereaboutsOptions {
  users: WhereaboutsEndpointsOptions['users'];
}

export function whereaboutsRoom(options: WhereaboutsRoomOptions): { room: Room; whereabouts: Whereabouts } {
  const whereabouts = createWhereabouts(options);
  const endpoints = whereaboutsEndpoints({ ...options, whereabouts });
  return { whereabouts, room: { name: 'whereabouts', endpoints, touches: whereabouts.touchedWith } };
}
