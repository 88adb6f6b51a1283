/**
 * Owns relying parties and services: their URIs, secrets and scopes, and their claim policies, which
 * select the groups that they receive.
 * Must not touch: the protocol itself (`oidc/`), which reads applications as client metadata.
 */
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Room } from '../../module.ts';
import type { Application } from './application.ts';
import { applicationEndpoints, type ApplicationEndpointsOptions } from './applications.api.ts';
import { claimPolicyEndpoints, type ClaimPolicyEndpointsOptions } from './claim-policies.api.ts';

export interface ApplicationsRoomOptions extends ApplicationEndpointsOptions, ClaimPolicyEndpointsOptions {
  cache: WatchedCache<Application>;
}

export function applicationsRoom(deps: ApplicationsRoomOptions): Room {
  return {
    name: 'applications',
    scopes: {
      'applications:read': 'Read applications.',
      'applications:write': 'Create, change and delete applications, and rotate their secrets.',
    },
    endpoints: [...applicationEndpoints(deps), ...claimPolicyEndpoints(deps)],
    start: () => deps.cache.start(),
    stop: () => deps.cache.stop(),
  };
}
