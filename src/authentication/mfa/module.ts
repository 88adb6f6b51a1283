/**
 * Owns MFA: TOTP, passkeys, recovery codes, email one-time codes, trusted devices, and who must use MFA.
 * Must not touch: passwords (`credentials/`), sessions and what tokens say about them (`oidc/`, which asks the steps
 * and methods).
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Roles } from '../../directory/roles/roles.ts';
import type { Users } from '../../directory/users/users.ts';
import { createRequestLimits } from '../credentials/rate-limits.mongo.ts';
import { createChallengeStore } from './challenges.mongo.ts';
import { createChallenges } from './challenges.ts';
import { createCodeLimits } from './code-limits.mongo.ts';
import { createHeldStore } from './enrolled.mongo.ts';
import { setUpStep } from './enrollment-step.ts';
import { createMailCodeStore } from './email-otp.mongo.ts';
import { createMailCodes, type MailCodes } from './email-otp.ts';
import { factorEndpoints } from './factors.api.ts';
import { createFactors, type Factors } from './factors.ts';
import { createDemandOfGroups } from './group-requirement.ts';
import { createDemand } from './mfa-requirement.ts';
import { secondFactorStep } from './mfa-step.ts';
import { passkeyMethod } from './passkey-sign-in.ts';
import { createPasskeyStore } from './passkeys.mongo.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createRecoveryCodeStore } from './recovery-codes.mongo.ts';
import { createRecoveryCodes, type RecoveryCodeBook } from './recovery-codes.ts';
import { createTotpStore } from './totp.mongo.ts';
import { createTotp, type Totp } from './totp.ts';
import { createTrustedDeviceStore } from './trusted-devices.mongo.ts';
import { createTrustedDevices, type TrustedDevices } from './trusted-devices.ts';
import { mfaViewModels } from './mfa.views.ts';

export interface MfaModuleOptions {
  audit: Audit;
  users: Pick<Users, 'get'>;
  groups: Pick<Groups, 'withParents'>;
  memberships: Pick<Memberships, 'groupIds'>;
  roles: Pick<Roles, 'cached'>;
  mail: Pick<Mail, 'post'>;
}

export interface Mfa {
  factors: Factors;
  totp: Totp;
  passkeys: Passkeys;
  mailCodes: MailCodes;
  recoveryCodes: RecoveryCodeBook;
  trustedDevices: TrustedDevices;
}

export function createMfaModule(
  platform: Platform,
  { audit, users, groups, memberships, roles, mail }: MfaModuleOptions,
): { service: Mfa; module: Module } {
  const { config, connection, encryption, transact, newId, now, hooks } = platform;
  const { issuer } = config;
  const held = createHeldStore(connection);
  const challenges = createChallenges({
    store: createChallengeStore(connection),
    encryption,
    now,
    lifeSeconds: config.interactionSeconds,
  });
  const totp = createTotp({ store: createTotpStore(connection), encryption, issuer: new URL(issuer).host, now });
  const passkeys = createPasskeys({
    store: createPasskeyStore(connection),
    challenges,
    issuer,
    getUser: users.get,
    newId,
    now,
  });
  const recoveryCodes = createRecoveryCodes({ store: createRecoveryCodeStore(connection), now });
  const mailCodes = createMailCodes({
    store: createMailCodeStore(connection),
    encryption,
    post: mail.post,
    newId,
    now,
  });
  const trustedDevices = createTrustedDevices({
    store: createTrustedDeviceStore(connection),
    newId,
    now,
    days: config.rememberDeviceDays,
  });
  const factors = createFactors({
    held,
    totp,
    passkeys,
    recoveryCodes,
    devices: trustedDevices,
    audit,
    post: mail.post,
    transact,
    now,
    issuer,
    signOut: hooks.signOut,
    signOutElsewhere: hooks.signOutElsewhere,
  });
  const demand = createDemand({
    findHeld: held.find,
    findKnownHeld: held.findKnown,
    isTrusted: trustedDevices.isTrusted,
    isDemandedOf: createDemandOfGroups({
      groupIds: memberships.groupIds,
      groupsByIds: groups.withParents,
      rolesByIds: roles.cached,
    }),
    mailCodes: config.mailCodes,
  });
  const askForFactor = secondFactorStep({
    demand,
    factors,
    totp,
    passkeys,
    recoveryCodes,
    mailCodes,
    devices: trustedDevices,
    limits: createCodeLimits(connection, { attempts: config.codeAttempts }),
    sendLimits: createRequestLimits(connection, 'mail-code', config),
  });
  return {
    service: { factors, totp, passkeys, mailCodes, recoveryCodes, trustedDevices },
    module: {
      name: 'factors',
      viewModels: mfaViewModels,
      endpoints: factorEndpoints({ factors, getUser: users.get }),
      // What they have is proved before anything new is set up.
      signInSteps: [askForFactor, setUpStep({ demand, factors, totp, passkeys })],
      signInMethods: [passkeyMethod({ passkeys })],
      async onDelete({ kind, id }) {
        if (kind !== 'user') return;
        await factors.forgetAllOf(id);
        await trustedDevices.forgetOf([id]);
      },
      onSignOut: trustedDevices.forgetOf,
    },
  };
}
