/**
 * Owns what users have allowed applications to receive.
 * Must not touch: grants and tokens, which end with a session while a consent stays until it is withdrawn.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { ConsentStore } from './consent.ts';
import { createConsentStore } from './consents.mongo.ts';

export function createConsentModule({ connection }: Platform): { service: ConsentStore; module: Module } {
  const consents = createConsentStore(connection);
  return {
    service: consents,
    module: {
      name: 'consent',
      async onDelete({ kind, id }) {
        if (kind === 'user') await consents.removeOfUser(id);
        if (kind === 'application') await consents.removeOfApplication(id);
      },
    },
  };
}
