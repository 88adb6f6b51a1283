/**
 * Owns MFA: TOTP, passkeys, recovery codes, email one-time codes, trusted devices, and who must use MFA.
 * Must not touch: passwords (`credentials/`), sessions and what tokens say about them (`oidc/`, which asks the steps
 * and methods).
 */
import type { Config } from '../../../config/schema.ts';
import type { Boxes } from '../../platform/encryption.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { RequestLimits } from '../credentials/password.ts';
import type { Room } from '../../module.ts';
import type { Person } from '../../directory/users/user.ts';
import { createChallenges, type ChallengeStore } from './challenges.ts';
import type { CodeLimits } from './code-limits.ts';
import { createDemandOfGroups, type DemandOfGroupsOptions } from './group-requirement.ts';
import { createDemand } from './mfa-requirement.ts';
import type { HeldStore } from './factor.ts';
import { factorEndpoints } from './factors.api.ts';
import { createFactors, type Factors, type FactorsOptions } from './factors.ts';
import { createMailCodes, type MailCodes, type MailCodeStore } from './email-otp.ts';
import { passkeyWay } from './passkey-sign-in.ts';
import { createPasskeys, type Passkeys, type PasskeyStore } from './passkeys.ts';
import { createRecoveryCodes, type RecoveryCodeBook, type RecoveryCodeStore } from './recovery-codes.ts';
import { createRememberedDevices, type RememberedDevices, type RememberedDeviceStore } from './trusted-devices.ts';
import { secondFactorStep } from './mfa-step.ts';
import { setUpStep } from './enrollment-step.ts';
import { createTotp, type Totp, type TotpStore } from './totp.ts';

export interface FactorStores {
  held: HeldStore;
  totp: TotpStore;
  passkeys: PasskeyStore;
  challenges: ChallengeStore;
  recoveryCodes: RecoveryCodeStore;
  mailCodes: MailCodeStore;
  devices: RememberedDeviceStore;
  codeLimits: CodeLimits;
  sendLimits: RequestLimits;
}

export interface FactorsRoomOptions
  extends
    Pick<FactorsOptions, 'audit' | 'post' | 'transact' | 'now' | 'signOut' | 'signOutElsewhere'>,
    DemandOfGroupsOptions {
  config: Config;
  stores: FactorStores;
  boxes: Boxes;
  newId: NewId;
  /** @throws UserNotFound */
  getPerson(id: Id): Promise<Person>;
}

/** What My Account is lent. */
export interface OwnFactors {
  factors: Factors;
  totp: Totp;
  passkeys: Passkeys;
}

export interface FactorsRoom extends OwnFactors {
  room: Room;
  mailCodes: MailCodes;
  recoveryCodes: RecoveryCodeBook;
  devices: RememberedDevices;
}

export function factorsRoom(options: FactorsRoomOptions): FactorsRoom {
  const { config, stores, getPerson } = options;
  const { issuer } = config;
  const lifeSeconds = config.interactionSeconds;
  const challenges = createChallenges({ ...options, store: stores.challenges, lifeSeconds });
  const totp = createTotp({ ...options, store: stores.totp, issuer: new URL(issuer).host });
  const passkeys = createPasskeys({ ...options, store: stores.passkeys, challenges, issuer });
  const recoveryCodes = createRecoveryCodes({ ...options, store: stores.recoveryCodes });
  const mailCodes = createMailCodes({ ...options, store: stores.mailCodes });
  const devices = createRememberedDevices({ ...options, store: stores.devices, days: config.rememberDeviceDays });
  const kinds = { totp, passkeys, recoveryCodes, mailCodes, devices };
  const factors = createFactors({ ...options, ...kinds, held: stores.held, issuer });
  const demand = createDemand({
    findHeld: stores.held.find,
    isRemembered: devices.isRemembered,
    isDemandedOf: createDemandOfGroups(options),
    mailCodes: config.mailCodes,
  });
  const common = { ...kinds, demand, factors, limits: stores.codeLimits, sendLimits: stores.sendLimits };

  const room: Room = {
    name: 'factors',
    endpoints: factorEndpoints({ factors, getPerson }),
    // What they have is proved before anything new is set up.
    signInSteps: [secondFactorStep(common), setUpStep(common)],
    signInWays: [passkeyWay(common)],
    async removePerson(userId) {
      await factors.forgetAllOf(userId);
      await devices.forgetOf([userId]);
    },
    signOutPeople: devices.forgetOf,
  };
  return { room, factors, totp, passkeys, mailCodes, recoveryCodes, devices };
}
