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
import { credentialsRoom } from '../authentication/credentials/module.ts';
import { devicesRoom } from '../authentication/known-devices/module.ts';
import { createFirstRun } from '../administration/bootstrap/bootstrap.ts';
import { firstRunRoom } from '../administration/bootstrap/module.ts';
import { invitationsRoom } from '../authentication/invitations/module.ts';
import type { Mail } from '../platform/mail/mail.ts';
import { recoveryRoom } from '../authentication/password-reset/module.ts';
import { registrationRoom } from '../authentication/registration/module.ts';
import type { WayBack } from '../module.ts';
import type { createStores } from './stores.ts';
import type { Users } from '../directory/users/users.ts';

export interface WaysInOptions {
  config: Config;
  stores: ReturnType<typeof createStores>;
  users: Users;
  audit: Audit;
  post: Mail['post'];
  wayBack: WayBack;
  signOut(userIds: string[]): Promise<void>;
  signOutElsewhere(session: { userId: string; uid: string }): Promise<void>;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

/** Creates the modules for passwords, bootstrap, password reset, invitations and self-registration. */
export function createWaysIn(options: WaysInOptions) {
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
  const { devices, room: knownDevices } = devicesRoom({ ...options, store: stores.devices, issuer });
  const credentials = createCredentials({
    ...options,
    store: stores.passwords,
    hasher: createHasher({ memoryCost: config.argon2MemoryKib, timeCost: config.argon2Passes }),
    limits: stores.attempts,
    recogniseDevice: devices.recognise,
    links,
    forgetRemembered: stores.factors.devices.removeOf,
    isCommonPassword,
    temporaryDays: config.temporaryPasswordDays,
    notify,
  });

  const { findByUsername, find: findPerson } = stores.users;
  const common = { ...options, links, credentials, users, issuer, findByUsername, findPerson };
  const { invitations, room: invitationRoom } = invitationsRoom({
    ...common,
    limits: stores.invitationLimits,
    groupNames: async (ids) => (await stores.groups.findMany(ids)).map(({ name }) => name).sort(),
    days: config.invitationDays,
  });
  const { sendAgain: inviteAgain } = invitations;
  const { recovery, room: recovering } = recoveryRoom({
    ...common,
    requests: stores.recoveryRequests,
    remember: devices.remember,
    limits: stores.recoveryLimits,
    inviteAgain,
  });
  const { registration, room: registering } = registrationRoom({
    ...common,
    store: stores.registrations,
    terms: stores.terms,
    limits: stores.registrationLimits,
    inviteAgain,
  });

  const firstRun = createFirstRun({
    ...common,
    links: stores.setupLinks,
    countAdministrators: () => stores.users.count({ kind: 'administrator' }),
  });

  return {
    credentials,
    welcome: devices.welcome,
    firstRun,
    recovery,
    registration,
    invitations,
    passwords: { prepare: credentials.prepare, setTemporary: credentials.setTemporary, errors: [WeakPassword] },
    rooms: [
      credentialsRoom({ credentials, links }),
      knownDevices,
      firstRunRoom({ firstRun, issuer }),
      invitationRoom,
      recovering,
      registering,
    ],
  };
}
