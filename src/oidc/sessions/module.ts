/**
 * Owns the lists of a user's sessions and connected applications, and how they are ended.
 * Must not touch: sessions, grants and consents other than through the services it receives (`oidc/`).
 */
import type { Module } from '../../module.ts';
import { whereaboutsEndpoints, type WhereaboutsEndpointsOptions } from './sessions.api.ts';
import { createWhereabouts, type Whereabouts, type WhereaboutsOptions } from './sessions.ts';

export interface SessionsModuleOptions extends WhereaboutsOptions {
  users: WhereaboutsEndpointsOptions['users'];
}

export function sessionsModule(options: SessionsModuleOptions): { module: Module; whereabouts: Whereabouts } {
  const whereabouts = createWhereabouts(options);
  const endpoints = whereaboutsEndpoints({ ...options, whereabouts });
  return { whereabouts, module: { name: 'whereabouts', endpoints, touches: whereabouts.touchedWith } };
}
