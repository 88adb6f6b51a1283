/**
 * Owns relying parties and services: their addresses, secrets and what they may ask for.
 * Must not touch: the protocol itself (`oidc/`), which reads applications as client metadata.
 */
import type { WatchedCache } from '../db/watched-cache.mongo.ts';
import type { Room } from '../room.ts';
import type { Application } from './application.ts';
import { applicationEndpoints, type ApplicationEndpointsOptions } from './applications.api.ts';

export function applicationsRoom(deps: ApplicationEndpointsOptions & { cache: WatchedCache<Application> }): Room {
  return {
    name: 'applications',
    scopes: {
      'applications:read': 'Read applications.',
      'applications:write': 'Create, change and delete applications, and rotate their secrets.',
    },
    endpoints: applicationEndpoints(deps),
    start: () => deps.cache.start(),
    stop: () => deps.cache.stop(),
  };
}
