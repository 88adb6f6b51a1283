import type { Connection } from 'mongoose';
import type { RequestLimits } from '../credentials/password.ts';
import { createChallengeStore } from './challenges.mongo.ts';
import { createCodeLimits } from './code-limits.mongo.ts';
import { createHeldStore } from './enrolled.mongo.ts';
import { createMailCodeStore } from './email-otp.mongo.ts';
import { createPasskeyStore } from './passkeys.mongo.ts';
import { createRecoveryCodeStore } from './recovery-codes.mongo.ts';
import { createRememberedDeviceStore } from './trusted-devices.mongo.ts';
import type { FactorStores } from './module.ts';
import { createTotpStore } from './totp.mongo.ts';

/** What the module keeps in MongoDB. */
export function createFactorStores(
  connection: Connection,
  { attempts, sendLimits }: { attempts: number; sendLimits: RequestLimits },
): FactorStores {
  return {
    held: createHeldStore(connection),
    totp: createTotpStore(connection),
    passkeys: createPasskeyStore(connection),
    challenges: createChallengeStore(connection),
    recoveryCodes: createRecoveryCodeStore(connection),
    mailCodes: createMailCodeStore(connection),
    devices: createRememberedDeviceStore(connection),
    codeLimits: createCodeLimits(connection, { attempts }),
    sendLimits,
  };
}
