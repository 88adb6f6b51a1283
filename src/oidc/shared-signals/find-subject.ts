import type { Users } from '../../directory/users/users.ts';
import type { Id } from '../../platform/ids.ts';
import type { KnownUserStore } from './known-user.ts';
import type { NamedSubject } from './stream.ts';

export interface FindSubjectOptions {
  issuer: string;
  knownUsers: Pick<KnownUserStore, 'find'>;
  users: Pick<Users, 'findByUsername'>;
}

/** The user whom an application means by a subject identifier (RFC 9493); undefined for one whom it does not know. */
export function createFindSubject({ issuer, knownUsers, users }: FindSubjectOptions) {
  async function namedBy(subject: NamedSubject): Promise<{ sub: string } | { userId: Id } | undefined> {
    if (subject.format === 'iss_sub') return subject.iss === issuer ? { sub: subject.sub } : undefined;
    const user = await users.findByUsername(subject.email.toLowerCase());
    return user && { userId: user.id };
  }

  return async (clientId: string, subject: NamedSubject): Promise<Id | undefined> => {
    const by = await namedBy(subject);
    return by && (await knownUsers.find(clientId, by))?.userId;
  };
}
