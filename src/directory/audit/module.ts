/**
 * Owns the append-only audit log: actor, action, target, time and IP address.
 * Must not touch: anything else; the other modules write to it in their own transactions.
 */
import type { Room } from '../../module.ts';
import { auditEndpoints } from './audit.api.ts';
import type { Audit } from './audit.ts';

export function auditRoom(deps: { audit: Audit }): Room {
  return { name: 'audit', scopes: { 'audit:read': 'Read the audit log.' }, endpoints: auditEndpoints(deps) };
}
