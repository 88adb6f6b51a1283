/**
 * Owns self-registration: sign-ups until they are confirmed, the emails, the pages, and the record of accepted terms.
 * Must not touch: users, passwords and links other than through the services it receives.
 */
import type { Config } from '../../../config/schema.ts';
import type { Module, ReturnToSignIn } from '../../module.ts';
import { registrationPages } from './registration.pages.ts';
import { createRegistration, type Registration, type RegistrationOptions } from './registration.ts';

export interface RegistrationModuleOptions extends RegistrationOptions {
  config: Pick<Config, 'selfRegistration' | 'termsUrl'>;
  returnToSignIn: ReturnToSignIn;
}

export function registrationModule(options: RegistrationModuleOptions): { module: Module; registration: Registration } {
  const { config, returnToSignIn, terms } = options;
  const { selfRegistration: openTo, termsUrl } = config;
  const registration = createRegistration(options);
  const module: Module = { name: 'registration', removePerson: terms.removeOf };
  if (openTo === 'closed') return { module, registration };
  return {
    registration,
    module: {
      ...module,
      pages: registrationPages({ registration, returnToSignIn, openTo, termsUrl }),
      signInLinks: [{ name: 'register', path: '/register', prompt: 'create' }],
      tasks: [{ name: 'answer-registrations', everySeconds: 1, onEveryNode: true, run: registration.answerAll }],
    },
  };
}
