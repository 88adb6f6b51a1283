import { sha256 } from '../../src/platform/ids.ts';
import type { TestHouse } from './app.ts';

/**
 * Lets so many seconds go by for all limits. They know the database's clock alone, which no test can move, so what they
 * have written is moved into the past.
 */
export async function letLimitsAge({ house }: TestHouse, seconds: number): Promise<void> {
  const { connection } = house.database;
  // An aggregation's difference with a missing time would be null.
  const earlier = (field: string) => ({
    [field]: { $ifNull: [{ $subtract: [`$${field}`, seconds * 1000] }, '$$REMOVE'] },
  });
  const move = (collection: string, ...fields: string[]) =>
    connection.collection(collection).updateMany({}, [{ $set: Object.assign({}, ...fields.map(earlier)) as object }]);
  await move('waits', 'until', 'expiresAt');
  await move('attempts', 'expire');
  await move('request_rates', 'expire');
}

/** What is stored about failed sign-ins on an account, from unknown devices. */
export async function waitOf({ house }: TestHouse, username: string) {
  const waits = house.database.connection.collection<{
    _id: string;
    failures: number;
    until?: Date;
    attemptedAt: Date;
  }>('waits');
  return waits.findOne({ _id: sha256(`account ${username}`) });
}
