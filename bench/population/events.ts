import type { AuditEvent } from '../../src/directory/audit/audit-event.ts';
import { userOf } from './people.ts';
import { idOf, pick, randomOf } from './random.ts';
import { PEOPLE_PER_EVENT, type Shape } from './shape.ts';
import { timeBetween, THE_BEGINNING, THE_END } from './times.ts';

const SALT = 0x61756469;

export const ACTIONS = ['user.created', 'user.updated', 'user.disabled', 'user.enabled', 'user.password_set'] as const;

const SERVICES = ['crm', 'shop', 'helpdesk', 'directory-sync'] as const;

/** Something that was once done to a user of the population: the same at every call. */
export function eventOf(shape: Shape, number: number): AuditEvent {
  const random = randomOf(SALT, number);
  const { id, username } = userOf(shape, shape.firstUser + number * PEOPLE_PER_EVENT);
  const service = pick(random, SERVICES);
  return {
    id: idOf(SALT, shape.firstUser + number),
    at: timeBetween(random, THE_BEGINNING, THE_END),
    action: pick(random, ACTIONS),
    actor: { kind: 'service', id: service, name: service },
    target: { kind: 'user', id, name: username },
    subjects: [],
    details: {},
    address: `192.0.2.${Math.floor(random() * 256)}`,
  };
}
