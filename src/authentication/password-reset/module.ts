/**
 * Owns password reset: requests, the email, the pages.
 * Must not touch: passwords, links and sessions other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Links } from '../credentials/links.ts';
import { createRequestLimits } from '../credentials/rate-limits.mongo.ts';
import type { Invitations } from '../invitations/invitations.ts';
import type { Devices } from '../known-devices/known-devices.ts';
import { createPasswordResetRequestStore } from './password-reset.mongo.ts';
import { passwordResetPages } from './password-reset.pages.ts';
import { createPasswordReset, type PasswordReset } from './password-reset.ts';
import { passwordResetViewModels } from './password-reset.views.ts';

export interface PasswordResetModuleOptions {
  audit: Audit;
  users: Pick<Users, 'find' | 'findByUsername'>;
  credentials: Credentials;
  links: Links;
  invitations: Pick<Invitations, 'sendAgain'>;
  devices: Pick<Devices, 'remember'>;
  mail: Pick<Mail, 'post'>;
}

export function createPasswordResetModule(
  { config, connection, transact, now, hooks }: Platform,
  { audit, users, credentials, links, invitations, devices, mail }: PasswordResetModuleOptions,
): { service: PasswordReset; module: Module } {
  const passwordReset = createPasswordReset({
    requests: createPasswordResetRequestStore(connection),
    links,
    limits: createRequestLimits(connection, 'recovery', config),
    credentials,
    findByUsername: users.findByUsername,
    findUser: users.find,
    inviteAgain: invitations.sendAgain,
    remember: devices.remember,
    post: mail.post,
    audit,
    transact,
    now,
    issuer: config.issuer,
  });
  return {
    service: passwordReset,
    module: {
      name: 'recovery',
      viewModels: passwordResetViewModels,
      pages: passwordResetPages({ passwordReset, returnToSignIn: hooks.returnToSignIn }),
      signInLinks: [{ name: 'recover', path: '/recover' }],
      tasks: [{ name: 'answer-recovery-requests', everySeconds: 1, onEveryNode: true, run: passwordReset.answerAll }],
    },
  };
}
