import { Schema, type Connection } from 'mongoose';
import type { StoredSettings } from '../../../config/load.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { createWatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Log } from '../../platform/http/log.ts';
import type { SettingStore } from './setting-store.ts';

interface SettingsDocument {
  _id: string;
  values: Record<string, string>;
}

const schema = new Schema<SettingsDocument>(
  { _id: String, values: Schema.Types.Mixed },
  { collection: 'settings', versionKey: false, minimize: false },
);

/** All in one document, so that what is changed together applies together. */
const ID = 'settings';

export function createSettingStore(connection: Connection, log: Log): SettingStore {
  const Settings = modelOf(connection, 'Settings', schema);
  const changes = createWatchedCache<SettingsDocument>({
    collection: Settings.collection,
    load: async () => [],
    idOf: ({ _id }) => _id,
    log,
  });

  return {
    async read(): Promise<StoredSettings> {
      return (await Settings.findById(ID).lean())?.values ?? {};
    },

    async write(values) {
      await Settings.updateOne({ _id: ID }, { $set: { values } }, { upsert: true });
    },

    follow(onChange) {
      changes.onChange(onChange);
      return changes.start();
    },

    unfollow: changes.stop,
  };
}
