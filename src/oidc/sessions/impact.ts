import type { Application } from '../../directory/applications/application.ts';
import { EXAMPLES, touchOf, type Touch, type Touched } from '../../platform/impact.ts';
import type { Person } from '../../directory/users/user.ts';
import type { Connections } from './connected-applications.mongo.ts';

export interface TouchesOptions {
  connections: Connections;
  findPerson(id: string): Promise<Person | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/** Which applications receive what is about to change, except groups (`whereabouts/`), and which sessions end. */
export function connectionTouches({ connections, findPerson, findApplication }: TouchesOptions) {
  return async ({ kind, id }: Touched): Promise<Touch[]> => {
    switch (kind) {
      case 'group':
        return [];
      case 'role':
        return [await applications(await connections.readersOf('roles'))];
      case 'user': {
        const { clientIds, sessions } = await connections.ofPerson(id);
        const open: Touch = { kind: 'sessions', count: { value: sessions, relation: 'exact' }, examples: [] };
        return [await applications(clientIds), open];
      }
      case 'application':
        return [await people(await connections.ofApplication(id))];
    }
  };

  async function applications(clientIds: string[]): Promise<Touch> {
    const found = await Promise.all(clientIds.map(findApplication));
    return touchOf(
      'applications',
      found.flatMap((application) => (application ? [{ id: application.id, name: application.name }] : [])),
    );
  }

  async function people({ userIds, isCapped }: { userIds: string[]; isCapped: boolean }): Promise<Touch> {
    const first = await Promise.all(userIds.slice(0, EXAMPLES).map(findPerson));
    return {
      kind: 'users',
      count: { value: userIds.length, relation: isCapped ? 'at_least' : 'exact' },
      examples: first.flatMap((person) => (person ? [{ id: person.id, name: person.username }] : [])),
    };
  }
}
