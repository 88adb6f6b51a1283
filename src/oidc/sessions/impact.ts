import type { Applications } from '../../directory/applications/applications.ts';
import { EXAMPLES, impactOn, type Impact, type Ref } from '../../platform/impact.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Connections } from './connected-applications.mongo.ts';

export interface ConnectionImpactOptions {
  connections: Connections;
  users: Pick<Users, 'find'>;
  applications: Pick<Applications, 'find'>;
}

/** Which applications receive what is about to change, except groups (`sessions.ts`), and which sessions end. */
export function connectionImpact({ connections, users, applications }: ConnectionImpactOptions) {
  return async ({ kind, id }: Ref): Promise<Impact[]> => {
    switch (kind) {
      case 'group':
        return [];
      case 'role':
        return [await applicationImpact(await connections.readersOf('roles'))];
      case 'user': {
        const { clientIds, sessions } = await connections.ofUser(id);
        const open: Impact = { kind: 'sessions', count: { value: sessions, relation: 'exact' }, examples: [] };
        return [await applicationImpact(clientIds), open];
      }
      case 'application':
        return [await userImpact(await connections.ofApplication(id))];
    }
  };

  async function applicationImpact(clientIds: string[]): Promise<Impact> {
    const found = await Promise.all(clientIds.map(applications.find));
    return impactOn(
      'applications',
      found.flatMap((application) => (application ? [{ id: application.id, name: application.name }] : [])),
    );
  }

  async function userImpact({ userIds, isCapped }: { userIds: string[]; isCapped: boolean }): Promise<Impact> {
    const first = await Promise.all(userIds.slice(0, EXAMPLES).map(users.find));
    return {
      kind: 'users',
      count: { value: userIds.length, relation: isCapped ? 'at_least' : 'exact' },
      examples: first.flatMap((user) => (user ? [{ id: user.id, name: user.username }] : [])),
    };
  }
}
