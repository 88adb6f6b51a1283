import { Schema, type Connection } from 'mongoose';
import type { StoredSettings } from '../../../config/load.ts';
import { changesOf } from '../../platform/db/change-feed.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
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

export function createSettingStore(connection: Connection): SettingStore {
  const Settings = modelOf(connection, 'Settings', schema);
  return {
    async read(): Promise<StoredSettings> {
      return (await Settings.findById(ID).lean())?.values ?? {};
    },

    async write(values) {
      await Settings.updateOne({ _id: ID }, { $set: { values } }, { upsert: true });
    },

    follow(onChange) {
      const follower = { onChange, onGap: onChange, inserts: true };
      changesOf(connection).follow(Settings.collection.name, follower);
    },
  };
}
