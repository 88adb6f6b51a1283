import { Schema, type Connection } from 'mongoose';
import { changesOf } from '../../platform/db/change-feed.mongo.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import { createWatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import { sha256 } from '../../platform/ids.ts';

/** `_id` is the SHA-256 of the token's `jti`. */
interface EndedToken {
  _id: string;
  expiresAt: Date;
}

const schema = new Schema<EndedToken>(
  { _id: String, expiresAt: Date },
  { collection: 'oidc_ended_tokens', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** Clocks of nodes differ; by then it has expired on all of them. */
const MARGIN_MS = 600_000;

/** A token as far as it can be ended alone. `exp` in Unix seconds. */
export interface Endable {
  jti: string;
  exp?: number | undefined;
}

/** Tokens that carry their own state and ended before their time: codes that were redeemed, and revoked tokens without a grant. */
export function createEndedTokens(connection: Connection) {
  const { collection } = modelOf(connection, 'OidcEndedToken', schema);
  const cache = createWatchedCache<EndedToken>({
    feed: changesOf(connection),
    collection: collection.name,
    load: (ids) => collection.find<EndedToken>({ _id: { $in: ids } } as object).toArray(),
    idOf: ({ _id }) => _id,
    absence: true,
  });

  return {
    /** True for the first who ends it: of fifty at once, on any nodes, exactly one. */
    async end({ jti, exp }: Endable): Promise<boolean> {
      const _id = sha256(jti);
      const expiresAt = new Date((exp ?? 0) * 1000 + MARGIN_MS);
      try {
        await collection.insertOne({ _id, expiresAt } as object);
        tellChanged(connection, collection.name, [_id]);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** As of at most a second ago. */
    hasEnded: async ({ jti }: Endable): Promise<boolean> => (await cache.get(sha256(jti))) !== undefined,
  };
}

export type EndedTokens = ReturnType<typeof createEndedTokens>;
