/**
 * Owns the append-only memory of who did what to what, when and from where.
 * Must not touch: anything else; the other rooms write to it in their own transactions.
 */
import type { Room } from '../../module.ts';
import { auditEndpoints } from './audit.api.ts';
import type { Audit } from './audit.ts';

export function auditRoom(deps: { audit: Audit }): Room {
  return { name: 'audit', scopes: { 'audit:read': 'Read the audit log.' }, endpoints: auditEndpoints(deps) };
}
