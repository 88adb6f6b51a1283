import type { Connection } from 'mongoose';
import type { Id } from '../../platform/ids.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { schemaOf, type StoredModel } from '../provider/stored-model.mongo.ts';
import type { UserGrant } from './residual-access.ts';

/** What a user has granted, from the grants, which live as long as any token under them. */
export function createUserGrants(connection: Connection) {
  const Grants = modelOf<StoredModel>(connection, 'OidcGrant', schemaOf('Grant'));

  return async (userId: Id): Promise<UserGrant[]> => {
    const found = await Grants.find({ accountId: userId }, { clientId: 1, scopes: 1, payload: 1 }).lean();
    return found.flatMap(({ clientId, scopes = [], payload }) =>
      clientId ? [{ clientId, scopes, createdAt: issuedAt(payload) }] : [],
    );
  };
}

/** A cast, because the provider gives every stored model its time. */
const issuedAt = (payload: string): Date => new Date((JSON.parse(payload) as { iat: number }).iat * 1000);
