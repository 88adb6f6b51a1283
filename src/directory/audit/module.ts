/**
 * Owns the append-only audit log: actor, action, target, time and IP address.
 * Must not touch: anything else; the other modules write to it in their own transactions.
 */
import type { Module, Platform } from '../module.ts';
import { auditEndpoints } from './audit.api.ts';
import { createAuditStore } from './audit.mongo.ts';
import { createAudit, type Audit } from './audit.ts';

export function createAuditModule({ connection, encryption, newId, now }: Platform): {
  service: Audit;
  module: Module;
} {
  const audit = createAudit({ store: createAuditStore(connection, encryption), newId, now });
  return {
    service: audit,
    module: {
      name: 'audit',
      scopes: { 'audit:read': 'Read the audit log.' },
      endpoints: auditEndpoints({ audit }),
    },
  };
}
