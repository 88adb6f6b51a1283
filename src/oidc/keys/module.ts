/**
 * Owns the signing and cookie keys: made at the first start, rotated, encrypted in the database.
 * Must not touch: what is signed with them.
 */
import type { Module, Platform } from '../../directory/module.ts';
import { createKeyStore } from './keys.mongo.ts';
import { createKeys, type Keys } from './keys.ts';

export function createKeysModule({ config, connection, encryption, now }: Platform): {
  service: Keys;
  module: Module;
} {
  const keys = createKeys({
    store: createKeyStore(connection, encryption),
    now,
    algorithms: config.signingAlgorithms,
    rotationDays: config.keyRotationDays,
    overlapDays: config.keyOverlapDays,
  });
  return {
    service: keys,
    module: {
      name: 'keys',
      tasks: [{ name: 'rotate-keys', everySeconds: 3600, run: keys.rotateByAge }],
      async start() {
        await keys.ensure();
        await keys.reencrypt();
      },
    },
  };
}
