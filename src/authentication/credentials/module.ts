/**
 * Owns passwords (hashes, rules, temporary ones), the limits on attempts, one-time links, and the lockout of users.
 * Must not touch: users and sessions other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Devices } from '../known-devices/known-devices.ts';
import type { TrustedDevices } from '../mfa/trusted-devices.ts';
import { changePasswordStep } from './change-password-step.ts';
import { isCommonPassword } from './common-passwords.ts';
import { createCredentials, type Credentials, type PasswordChange } from './credentials.ts';
import { createHasher } from './hasher.ts';
import { createLinkStore } from './links.mongo.ts';
import { createLinks, type Links } from './links.ts';
import { lockEndpoints } from './lock.api.ts';
import { passwordEndpoints } from './password.api.ts';
import { createPasswordStore } from './passwords.mongo.ts';
import { createAttemptLimits } from './rate-limits.mongo.ts';
import { linkViewModels } from './links.views.ts';

export interface CredentialsModuleOptions {
  audit: Audit;
  users: Pick<Users, 'readAs'>;
  mail: Pick<Mail, 'post'>;
  devices: Pick<Devices, 'identify'>;
  trustedDevices: Pick<TrustedDevices, 'forgetOf'>;
}

export function createCredentialsModule(
  { config, connection, transact, now, hooks, heavyWork }: Platform,
  { audit, users, mail, devices, trustedDevices }: CredentialsModuleOptions,
): { service: { credentials: Credentials; links: Links }; module: Module } {
  const links = createLinks({ store: createLinkStore(connection), now });

  const notify = ({ userId, username, temporary }: PasswordChange) =>
    mail.post({
      cause: `password-changed:${userId}:${now().toISOString()}`,
      to: username,
      view: temporary ? 'password-set' : 'password-changed',
      model: { link: `${config.issuer}/recover`, count: config.temporaryPasswordDays },
    });

  const credentials = createCredentials({
    store: createPasswordStore(connection, users),
    hasher: createHasher({
      memoryCost: config.argon2MemoryKib,
      timeCost: config.argon2Passes,
      inTurn: heavyWork,
    }),
    limits: createAttemptLimits(connection, {
      byAccount: config.signInAttempts,
      byAddress: config.signInAttemptsByAddress,
    }),
    identifyDevice: devices.identify,
    links,
    forgetTrusted: trustedDevices.forgetOf,
    isCommonPassword,
    audit,
    transact,
    now,
    temporaryDays: config.temporaryPasswordDays,
    signOut: hooks.signOut,
    signOutElsewhere: hooks.signOutElsewhere,
    notify,
  });
  return {
    service: { credentials, links },
    module: {
      name: 'credentials',
      viewModels: linkViewModels,
      endpoints: [...passwordEndpoints({ credentials }), ...lockEndpoints({ credentials })],
      signInSteps: [changePasswordStep({ credentials })],
      async onDelete({ kind, id }) {
        if (kind === 'user') await links.removeOf(id);
      },
    },
  };
}
