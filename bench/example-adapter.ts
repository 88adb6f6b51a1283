import { mongo } from 'mongoose';
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Stored {
  _id: string;
  payload: AdapterPayload;
  expiresAt?: Date;
}

/** What has a grant, and is revoked together with it. */
const GRANTABLE = [
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
];

export interface ExampleDatabase {
  client: mongo.MongoClient;
  adapterOf(model: string): Adapter;
}

/** Stores what the library asks for as its documentation's example does: a collection for each model, a document for each thing. */
export async function openExampleDatabase(uri: string): Promise<ExampleDatabase> {
  const client = await mongo.MongoClient.connect(uri);
  const database = client.db('provider');
  const collectionOf = (model: string) => database.collection<Stored>(model);
  for (const model of [...GRANTABLE, 'Session', 'Interaction', 'Grant']) await prepareIndexes(collectionOf(model));
  const revokeByGrantId = async (grantId: string) => {
    for (const model of GRANTABLE) await collectionOf(model).deleteMany({ 'payload.grantId': grantId });
  };
  return { client, adapterOf: (model) => createAdapter(collectionOf(model), revokeByGrantId) };
}

async function prepareIndexes(collection: mongo.Collection<Stored>): Promise<void> {
  await collection.createIndexes([
    { key: { 'payload.grantId': 1 } },
    { key: { 'payload.uid': 1 } },
    { key: { 'payload.userCode': 1 } },
    { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ]);
}

function createAdapter(
  collection: mongo.Collection<Stored>,
  revokeByGrantId: (grantId: string) => Promise<void>,
): Adapter {
  const find = async (filter: mongo.Filter<Stored>) => (await collection.findOne(filter))?.payload;
  return {
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn ? { expiresAt: new Date(Date.now() + expiresIn * 1000) } : {};
      await collection.updateOne({ _id: id }, { $set: { payload, ...expiresAt } }, { upsert: true });
    },
    find: (id) => find({ _id: id }),
    findByUid: (uid) => find({ 'payload.uid': uid }),
    findByUserCode: (userCode) => find({ 'payload.userCode': userCode }),
    async consume(id) {
      await collection.updateOne({ _id: id }, { $set: { 'payload.consumed': Math.floor(Date.now() / 1000) } });
    },
    async destroy(id) {
      await collection.deleteOne({ _id: id });
    },
    revokeByGrantId,
  };
}
