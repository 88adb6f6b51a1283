import { Schema, type Connection } from 'mongoose';
import { insertFirst } from '../../platform/db/insert-first.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import { createDocumentCache } from '../../platform/db/watched-cache.mongo.ts';
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

/** What carries its own state and ended before its time: codes that were redeemed, interactions that were completed, revoked tokens without a grant. */
export function createEndedTokens(connection: Connection) {
  const model = modelOf(connection, 'OidcEndedToken', schema);
  const cache = createDocumentCache<EndedToken>(model, { absence: true });

  return {
    /** True for the first who ends it: of fifty at once, on any nodes, exactly one. */
    async end({ jti, exp }: Endable): Promise<boolean> {
      const _id = sha256(jti);
      const expiresAt = new Date((exp ?? 0) * 1000 + MARGIN_MS);
      const isFirst = await insertFirst(model.collection, { _id, expiresAt });
      if (isFirst) tellChanged(connection, model.collection.name, [_id]);
      return isFirst;
    },

    /** As of at most a second ago. */
    hasEnded: async ({ jti }: Endable): Promise<boolean> => (await cache.get(sha256(jti))) !== undefined,
  };
}

export type EndedTokens = ReturnType<typeof createEndedTokens>;
