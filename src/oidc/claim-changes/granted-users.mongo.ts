import { trusted, type Connection } from 'mongoose';
import type { Id } from '../../platform/ids.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { schemaOf, type StoredModel } from '../provider/stored-model.mongo.ts';

/** That a user has signed in to an application. */
export interface GrantedUser {
  grantId: string;
  clientId: string;
  userId: Id;
  scopes: string[];
}

export type GrantedUsers = ReturnType<typeof createGrantedUsers>;

/** Who has signed in to which application, from the grants. */
export function createGrantedUsers(connection: Connection) {
  const Grants = modelOf<StoredModel>(connection, 'OidcGrant', schemaOf('Grant'));
  const fields = { accountId: 1, clientId: 1, scopes: 1 } as const;

  return {
    /** In the order of the grants. */
    async ofApplication(clientId: string, { after, limit }: { after: string; limit: number }): Promise<GrantedUser[]> {
      const found = await Grants.find({ clientId, _id: trusted({ $gt: after }) }, fields)
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      return found.flatMap(toGrantedUser);
    },

    async byGrants(grantIds: string[]): Promise<GrantedUser[]> {
      const found = await Grants.find({ _id: trusted({ $in: grantIds }) }, fields).lean();
      return found.flatMap(toGrantedUser);
    },
  };
}

function toGrantedUser({
  _id: grantId,
  clientId,
  accountId: userId,
  scopes = [],
}: Omit<StoredModel, 'payload'>): GrantedUser[] {
  return clientId && userId ? [{ grantId, clientId, userId, scopes }] : [];
}
