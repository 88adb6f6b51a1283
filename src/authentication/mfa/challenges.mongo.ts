import { Schema, type Connection } from 'mongoose';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { ChallengeStore } from './challenges.ts';

interface UsedChallenge {
  _id: string;
  forgetAt: Date;
}

const schema = new Schema<UsedChallenge>(
  { _id: String, forgetAt: Date },
  { collection: 'used_challenges', versionKey: false },
);
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export function createChallengeStore(connection: Connection): ChallengeStore {
  const Used = modelOf(connection, 'UsedChallenge', schema);

  return {
    async use(hash, forgetAt) {
      try {
        await Used.create({ _id: hash, forgetAt });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
