/**
 * Owns the append-only audit log: actor, action, target, time and IP address.
 * Must not touch: anything else; the other modules write to it in their own transactions.
 */
import type { Module } from '../../module.ts';
import { auditEndpoints } from './audit.api.ts';
import type { Audit } from './audit.ts';

export function auditModule(deps: { audit: Audit }): Module {
  return { name: 'audit', scopes: { 'audit:read': 'Read the audit log.' }, endpoints: auditEndpoints(deps) };
}
