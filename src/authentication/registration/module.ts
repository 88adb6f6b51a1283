/**
 * Owns self-registration: sign-ups until they are confirmed, the emails, the pages, and the record of accepted terms.
 * Must not touch: users, passwords and links other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Links } from '../credentials/links.ts';
import { createRequestLimits } from '../credentials/rate-limits.mongo.ts';
import type { Invitations } from '../invitations/invitations.ts';
import { createRegistrationStore, createTermsStore } from './registration.mongo.ts';
import { registrationPages } from './registration.pages.ts';
import { createRegistration, type Registration, type TermsStore } from './registration.ts';
import { registrationViewModels } from './registration.views.ts';

export interface RegistrationModuleOptions {
  audit: Audit;
  users: Pick<Users, 'create' | 'findByUsername'>;
  credentials: Credentials;
  links: Links;
  invitations: Pick<Invitations, 'sendAgain'>;
  mail: Pick<Mail, 'post'>;
}

export interface RegistrationService {
  registration: Registration;
  /** Which terms a user agreed to. */
  termsOf: TermsStore['find'];
}

export function createRegistrationModule(
  { config, connection, transact, newId, now, hooks }: Platform,
  { audit, users, credentials, links, invitations, mail }: RegistrationModuleOptions,
): { service: RegistrationService; module: Module } {
  const { selfRegistration: openTo, termsUrl, issuer } = config;
  const terms = createTermsStore(connection);
  const registration = createRegistration({
    store: createRegistrationStore(connection),
    terms,
    links,
    limits: createRequestLimits(connection, 'registration', config),
    users,
    credentials,
    findByUsername: users.findByUsername,
    inviteAgain: invitations.sendAgain,
    post: mail.post,
    audit,
    transact,
    newId,
    now,
    issuer,
  });
  const module: Module = {
    name: 'registration',
    viewModels: registrationViewModels,
    async onDelete({ kind, id }) {
      if (kind === 'user') await terms.removeOf(id);
    },
  };
  if (openTo !== 'closed') {
    module.pages = registrationPages({ registration, returnToSignIn: hooks.returnToSignIn, openTo, termsUrl });
    module.signInLinks = [{ name: 'register', path: '/register', prompt: 'create' }];
    module.tasks = [{ name: 'answer-registrations', everySeconds: 1, onEveryNode: true, run: registration.answerAll }];
  }
  return { service: { registration, termsOf: terms.find }, module };
}
