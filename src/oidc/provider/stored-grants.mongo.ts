import type { Model } from 'mongoose';
import { Provider, type Adapter } from 'oidc-provider';
import { changesOf } from '../../platform/db/change-feed.mongo.ts';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import { createWatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import { expectedVersion } from './expectations.ts';
import { prolonged } from './grants.ts';
import { isAlive, versionOf, type StoredModel } from './stored-model.mongo.ts';
import type { Payloads } from './stored-payload.mongo.ts';

export interface StoredGrantsOptions {
  model: Model<StoredModel>;
  payloads: Payloads;
  /** Whether the proof that it rests on still counts. */
  stands(found: StoredModel): Promise<boolean>;
}

/**
 * Grants, from memory where a token or a session says how new they must be. A token ends with its grant, so this is where
 * nearly everything is ended.
 */
export function createStoredGrants({ model, payloads, stands }: StoredGrantsOptions) {
  const { collection, db } = model;
  const cache = createWatchedCache<StoredModel>({
    feed: changesOf(db),
    collection: collection.name,
    load: (ids) => collection.find<StoredModel>({ _id: { $in: ids } } as object).toArray(),
    idOf: ({ _id }) => _id,
  });
  const told = (id: string) => tellChanged(db, collection.name, [id]);

  const isGood = async (found: StoredModel | undefined) => found && isAlive(found) && (await stands(found));

  /** What memory says no to may have changed a moment ago. */
  async function read(id: string): Promise<StoredModel | undefined> {
    const version = expectedVersion(id);
    const known = version === undefined ? undefined : await cache.get(id);
    if (known && versionOf(known) >= version! && (await isGood(known))) return known;
    const found = await cache.getAfresh(id);
    return (await isGood(found)) ? found : undefined;
  }

  const adapter: Pick<Adapter, 'find' | 'upsert' | 'destroy'> = {
    async find(id) {
      const found = await read(id);
      return found && payloads.toPayload('Grant', found, id);
    },
    async upsert(id, payload, expiresIn) {
      const $set = payloads.toStored('Grant', id, payload, expiresIn);
      await collection.updateOne({ _id: id } as object, { $set }, { upsert: true });
      told(id);
    },
    async destroy(id) {
      await collection.deleteOne({ _id: id } as object);
      told(id);
    },
  };

  /** A grant lives as long as the longest of its tokens; `seconds` from now. */
  async function prolong(id: string, seconds: number): Promise<void> {
    const grant = Provider.ctx?.oidc.entities.Grant;
    if (grant?.jti === id && grant.remainingTTL >= seconds) return;
    const expiresAt = new Date(Date.now() + prolonged(seconds) * 1000);
    await collection.updateOne({ _id: id } as object, { $max: { expiresAt } });
    told(id);
  }

  return { adapter, prolong };
}
