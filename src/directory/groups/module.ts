/**
 * Owns groups: their names, descriptions, roles and custom data, and the in-process cache that claims read.
 * Must not touch: memberships (`memberships/`), and what a role means (`roles/`).
 */
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Room } from '../../module.ts';
import type { Group } from './group.ts';
import { groupEndpoints, type GroupEndpointsOptions } from './groups.api.ts';

export function groupsRoom(deps: GroupEndpointsOptions & { cache: WatchedCache<Group> }): Room {
  return {
    name: 'groups',
    scopes: {
      'groups:read': 'Read groups and their members.',
      'groups:write': 'Create, change and delete groups, and change their members.',
    },
    endpoints: groupEndpoints(deps),
    touches: (thing) => deps.groups.touchedWith(thing),
    start: () => deps.cache.start(),
    stop: () => deps.cache.stop(),
  };
}
