/**
 * Owns self-registration: sign-ups until they are confirmed, the emails, the pages, and the record of accepted terms.
 * Must not touch: users, passwords and links other than through the services it receives.
 */
import type { Config } from '../../../config/schema.ts';
import type { Room, WayBack } from '../../module.ts';
import { registrationPages } from './registration.pages.ts';
import { createRegistration, type Registration, type RegistrationOptions } from './registration.ts';

export interface RegistrationRoomOptions extends RegistrationOptions {
  config: Pick<Config, 'selfRegistration' | 'termsUrl'>;
  wayBack: WayBack;
}

export function registrationRoom(options: RegistrationRoomOptions): { room: Room; registration: Registration } {
  const { config, wayBack, terms } = options;
  const { selfRegistration: openTo, termsUrl } = config;
  const registration = createRegistration(options);
  const room: Room = { name: 'registration', removePerson: terms.removeOf };
  if (openTo === 'closed') return { room, registration };
  return {
    registration,
    room: {
      ...room,
      pages: registrationPages({ registration, wayBack, openTo, termsUrl }),
      detours: [{ name: 'register', path: '/register', prompt: 'create' }],
      chores: [{ name: 'answer-registrations', everySeconds: 1, onEveryNode: true, run: registration.answerAll }],
    },
  };
}
