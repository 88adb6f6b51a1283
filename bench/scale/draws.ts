import type { Group } from '../../src/directory/groups/group.ts';
import type { Role } from '../../src/directory/roles/role.ts';
import type { Application } from '../../src/directory/applications/application.ts';
import type { AuditEvent } from '../../src/directory/audit/audit-event.ts';
import type { User } from '../../src/directory/users/user.ts';
import { eventOf } from '../population/events.ts';
import { applicationOf, groupOf, roleOf } from '../population/groups.ts';
import { isInBigGroup, userOf } from '../population/people.ts';
import { pick, randomOf, type Random } from '../population/random.ts';
import { applicationsIn, eventsIn, rolesIn, type Shape } from '../population/shape.ts';

/** Things of a population, drawn one after the other: the same ones at every run. */
export interface Draws {
  random: Random;
  user(): User;
  /** A customer who can sign in. */
  active(): User;
  customer(): User;
  memberOfBigGroup(): User;
  group(): Group;
  /** One of the many that have few members. */
  smallGroup(): Group;
  role(): Role;
  application(): Application;
  event(): AuditEvent;
  oneOf<T>(choices: readonly T[]): T;
}

export function createDraws(shape: Shape, seed: number): Draws {
  const random = randomOf(seed, 0);
  const { firstUser, firstGroup, users, groups } = shape;
  const number = (from: number, count: number) => from + Math.floor(random() * count);
  const user = () => userOf(shape, number(firstUser, users));
  const such = (isSuch: (user: User) => boolean): User => {
    for (;;) {
      const drawn = user();
      if (isSuch(drawn)) return drawn;
    }
  };
  const tail = Math.floor(groups / 2);
  return {
    random,
    user,
    active: () => such(({ kind, status }) => kind === 'customer' && status === 'active'),
    customer: () => such(({ kind }) => kind === 'customer'),
    memberOfBigGroup: () => such(({ customData }) => isInBigGroup(shape, Number(customData['badge']))),
    group: () => groupOf(shape, number(firstGroup, groups)),
    smallGroup: () => groupOf(shape, number(firstGroup + tail, groups - tail)),
    role: () => roleOf(number(firstGroup, rolesIn(shape))),
    application: () => applicationOf(number(firstGroup, applicationsIn(shape))),
    event: () => eventOf(shape, number(0, eventsIn(shape))),
    oneOf: (choices) => pick(random, choices),
  };
}
