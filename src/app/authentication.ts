import type { Config } from '../../config/schema.ts';
import type { Audit } from '../directory/audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import type { Transact } from '../platform/transaction.ts';
import { isCommonPassword } from '../authentication/credentials/common-passwords.ts';
import { createCredentials, type PasswordChange } from '../authentication/credentials/credentials.ts';
import { createHasher } from '../authentication/credentials/hasher.ts';
import { createLinks } from '../authentication/credentials/links.ts';
import { WeakPassword } from '../authentication/credentials/password.ts';
import { credentialsModule } from '../authentication/credentials/module.ts';
import { knownDevicesModule } from '../authentication/known-devices/module.ts';
import { createBootstrap } from '../administration/bootstrap/bootstrap.ts';
import { bootstrapModule } from '../administration/bootstrap/module.ts';
import { invitationsModule } from '../authentication/invitations/module.ts';
import type { Mail } from '../platform/mail/mail.ts';
import { passwordResetModule } from '../authentication/password-reset/module.ts';
import { registrationModule } from '../authentication/registration/module.ts';
import type { ReturnToSignIn } from '../module.ts';
import type { createStores } from './stores.ts';
import type { Users } from '../directory/users/users.ts';

export interface AuthenticationOptions {
  config: Config;
  stores: ReturnType<typeof createStores>;
  users: Users;
  audit: Audit;
  post: Mail['post'];
  returnToSignIn: ReturnToSignIn;
  signOut(userIds: string[]): Promise<void>;
  signOutElsewhere(session: { userId: string; uid: string }): Promise<void>;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

/** Creates the modules for passwords, bootstrap, password reset, invitations and self-registration. */
export function createAuthentication(options: AuthenticationOptions) {
  const { config, stores, users, post, now } = options;
  const { issuer } = config;
  const links = createLinks({ store: stores.links, now });

  const notify = ({ userId, username, temporary }: PasswordChange) =>
    post({
      cause: `password-changed:${userId}:${now().toISOString()}`,
      to: username,
      view: temporary ? 'password-set' : 'password-changed',
      model: { link: `${issuer}/recover`, count: config.temporaryPasswordDays },
    });
  const { devices, module: knownDevices } = knownDevicesModule({ ...options, store: stores.devices, issuer });
  const credentials = createCredentials({
    ...options,
    store: stores.passwords,
    hasher: createHasher({ memoryCost: config.argon2MemoryKib, timeCost: config.argon2Passes }),
    limits: stores.attempts,
    identifyDevice: devices.identify,
    links,
    forgetTrusted: stores.factors.devices.removeOf,
    isCommonPassword,
    temporaryDays: config.temporaryPasswordDays,
    notify,
  });

  const { findByUsername, find: findPerson } = stores.users;
  const common = { ...options, links, credentials, users, issuer, findByUsername, findPerson };
  const { invitations, module: invitationModule } = invitationsModule({
    ...common,
    limits: stores.invitationLimits,
    groupNames: async (ids) => (await stores.groups.findMany(ids)).map(({ name }) => name).sort(),
    days: config.invitationDays,
  });
  const { sendAgain: inviteAgain } = invitations;
  const { passwordReset, module: recovering } = passwordResetModule({
    ...common,
    requests: stores.passwordResetRequests,
    remember: devices.remember,
    limits: stores.passwordResetLimits,
    inviteAgain,
  });
  const { registration, module: registering } = registrationModule({
    ...common,
    store: stores.registrations,
    terms: stores.terms,
    limits: stores.registrationLimits,
    inviteAgain,
  });

  const bootstrap = createBootstrap({
    ...common,
    links: stores.setupLinks,
    countAdministrators: () => stores.users.count({ kind: 'administrator' }),
  });

  return {
    credentials,
    rememberDevice: devices.rememberDevice,
    bootstrap,
    passwordReset,
    registration,
    invitations,
    passwords: { prepare: credentials.prepare, setTemporary: credentials.setTemporary, errors: [WeakPassword] },
    modules: [
      credentialsModule({ credentials, links }),
      knownDevices,
      bootstrapModule({ bootstrap, issuer }),
      invitationModule,
      recovering,
      registering,
    ],
  };
}
