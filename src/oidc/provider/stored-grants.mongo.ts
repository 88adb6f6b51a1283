import type { Model } from 'mongoose';
import { Provider, type Adapter } from 'oidc-provider';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import { createDocumentCache } from '../../platform/db/watched-cache.mongo.ts';
import { expectedVersion } from './expectations.ts';
import { prolonged } from './grants.ts';
import { versionOf, type IsGood, type StoredModel } from './stored-model.mongo.ts';
import type { Payloads } from './stored-payload.mongo.ts';

export interface StoredGrantsOptions {
  model: Model<StoredModel>;
  payloads: Payloads;
  isGood: IsGood;
}

/**
 * Grants, from memory where a token or a session says how new they must be. A token ends with its grant, so this is where
 * nearly everything is ended.
 */
export function createStoredGrants({ model, payloads, isGood }: StoredGrantsOptions) {
  const { collection, db } = model;
  const cache = createDocumentCache<StoredModel>(model);
  const told = (id: string) => tellChanged(db, collection.name, [id]);

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
