/**
 * Owns how people make accounts of their own: what they filled in until they confirm it, the letters, the pages, and the
 * memory of the terms that they agreed to.
 * Must not touch: people, passwords and links other than by the verbs it is lent.
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
