import type { Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { consentModel } from '../consent/consents.mongo.ts';
import { schemaOf, type StoredModel } from '../provider/stored-model.mongo.ts';

/** At most this many users of an application are examined to count them. */
const MOST_PEOPLE = 10_000;

/** Which users are connected to which applications: by a stored consent, or by a grant of a current session. */
export interface Connections {
  /** The ids of applications that anybody has let read this scope. */
  readersOf(scope: string): Promise<string[]>;
  ofUser(userId: string): Promise<{ clientIds: string[]; sessions: number }>;
  /** `isCapped` when there may be more. */
  ofApplication(clientId: string): Promise<{ userIds: string[]; isCapped: boolean }>;
}

export function createConnections(connection: Connection): Connections {
  const Consents = consentModel(connection);
  const Grants = modelOf<StoredModel>(connection, 'OidcGrant', schemaOf('Grant'));
  const Sessions = modelOf<StoredModel>(connection, 'OidcSession', schemaOf('Session'));
  const union = (...lists: unknown[][]) => [...new Set(lists.flat().map(String))].sort();

  return {
    async readersOf(scope) {
      return union(
        await Consents.distinct('clientId', { scopes: scope }),
        await Grants.distinct('clientId', { scopes: scope }),
      );
    },

    async ofUser(userId) {
      return {
        clientIds: union(
          await Consents.distinct('clientId', { userId }),
          await Grants.distinct('clientId', { accountId: userId }),
        ),
        sessions: await Sessions.countDocuments({ accountId: userId }),
      };
    },

    async ofApplication(clientId) {
      const consents = await Consents.find({ clientId }, { userId: 1 }).limit(MOST_PEOPLE).lean();
      const grants = await Grants.find({ clientId }, { accountId: 1 }).limit(MOST_PEOPLE).lean();
      const isCapped = consents.length === MOST_PEOPLE || grants.length === MOST_PEOPLE;
      const people = grants.flatMap(({ accountId }) => accountId ?? []);
      return {
        userIds: union(
          consents.map(({ userId }) => userId),
          people,
        ),
        isCapped,
      };
    },
  };
}
