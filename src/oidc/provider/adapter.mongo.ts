import { trusted, type Connection, type Model, type QueryFilter } from 'mongoose';
import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Encryption } from '../../platform/encryption.ts';
import { sha256 } from '../../platform/ids.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { holds } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';
import { clientAdapter } from './client-adapter.ts';
import { prolonged } from './grants.ts';
import type { PostLogouts } from '../logout/logout-notice.ts';
import type { Redemptions } from './redemptions.ts';
import { createRotations } from './rotations.mongo.ts';
import {
  collections,
  GRANTABLE,
  keyOf,
  noticesOf,
  schemaOf,
  type ModelName,
  type StoredModel,
} from './stored-model.mongo.ts';
import { createPayloads } from './stored-payload.mongo.ts';

/** What the rest of `oidc/` needs of the stored models, besides the adapter itself. */
export interface ProtocolStore {
  adapter(name: string): Adapter;
  /** True for the first to bring this one-time id; false for a replay. */
  claimOnce(id: string, expiresAt: Date): Promise<boolean>;
  /** Ends every session, grant and token of these users; the applications are told. Joins the caller's transaction. */
  removeOfUsers(userIds: string[]): Promise<void>;
  /** Forgets the responses of rotations that nobody can get any more. */
  forgetSuccessors(): Promise<void>;
  /** Ends every grant and token of an application. Joins the caller's transaction. */
  removeOfApplication(clientId: string): Promise<void>;
}

export interface ProtocolStoreOptions {
  connection: Connection;
  encryption: Encryption;
  applications: Pick<Applications, 'clientMetadata' | 'register' | 'forgetRegistered'>;
  postLogouts: PostLogouts;
  findUser(id: string): Promise<User | undefined>;
  redemptions: Pick<Redemptions, 'consumeLast'>;
  /** For how long a refresh token that was replaced stands for its successor. */
  graceSeconds: number;
}

/**
 * The provider's models in MongoDB, one collection each, `_id` the SHA-256 of the model's id: who reads the database
 * cannot use what is in it. Expiry is checked at every read; the TTL index only tidies up. Consuming is one conditional
 * write, because the provider itself looks first and consumes later, and fifty racers would all pass the look. A session, a
 * grant or an interaction that rests on a proof of identity which was ended is not found.
 */
export function createProtocolStore({
  connection,
  encryption,
  applications,
  postLogouts,
  findUser,
  redemptions,
  graceSeconds,
}: ProtocolStoreOptions): ProtocolStore {
  const models = Object.fromEntries(
    (Object.keys(collections) as ModelName[]).map((name) => [name, modelOf(connection, `Oidc${name}`, schemaOf(name))]),
  ) as Record<ModelName, Model<StoredModel>>;

  const { toStored, toPayload } = createPayloads(encryption);
  const rotations = createRotations({ tokens: models.RefreshToken, encryption, graceSeconds });

  // The session that a request found at its beginning. When it saves it at its end, a user may have ended that session
  // in the meantime (signed out everywhere, disabled, deleted), and saving must not bring it back.
  const loadedSessions = new WeakMap<object, string>();
  const wasLoaded = (name: ModelName, key: string) =>
    name === 'Session' && Provider.ctx !== undefined && loadedSessions.get(Provider.ctx) === key;

  function adapter(name: string): Adapter {
    if (name === 'Client') return clientAdapter(applications);
    if (!(name in models)) throw new Error(`The provider asked for an unknown model: ${name}.`);
    return modelAdapter(name as ModelName);
  }

  function modelAdapter(name: ModelName): Adapter {
    const { collection } = models[name];
    const alive = () => ({ $or: [{ expiresAt: { $gt: new Date() } }, { expiresAt: { $exists: false } }] });
    const read = async (filter: object, id?: string): Promise<AdapterPayload | undefined> => {
      const query = { ...filter, ...alive() } as object;
      const isRefreshToken = name === 'RefreshToken';
      const found = await (isRefreshToken ? rotations.find(query) : collection.findOne<StoredModel>(query));
      if (!found || !(await stands(name, found))) return undefined;
      const isUsable = found.consumed === undefined || (isRefreshToken && rotations.hasGrace(found));
      const consumed = isUsable ? {} : { consumed: found.consumed };
      return { ...toPayload(name, found, id), ...consumed };
    };

    return {
      async upsert(id, payload, expiresIn) {
        const key = keyOf(name, id);
        // `consumed` is not written here: a stale copy that is saved again must not undo the consumption by another request.
        const seen = name === 'Session' ? seenNow() : { set: {}, onInsert: {} };
        const update = {
          $set: { ...toStored(name, key, payload, expiresIn), ...seen.set },
          $setOnInsert: seen.onInsert,
        };
        await collection.updateOne({ _id: key } as object, update, { upsert: !wasLoaded(name, key) });
        if (GRANTABLE.includes(name) && payload.grantId) await prolongGrant(payload.grantId, expiresIn);
      },
      async find(id) {
        const key = keyOf(name, id);
        const found = await read({ _id: key }, id);
        if (found && name === 'Session' && Provider.ctx) loadedSessions.set(Provider.ctx, key);
        return found;
      },
      findByUid: (uid) => read({ uid }),
      findByUserCode: (userCode) => read({ userCode: sha256(userCode) }),
      consume: (id) =>
        redemptions.consumeLast((body) => (name === 'RefreshToken' ? rotate(id, body) : consume(name, id))),
      async destroy(id) {
        await collection.deleteOne({ _id: keyOf(name, id) } as object);
      },
      async revokeByGrantId(grantId) {
        await collection.deleteMany({ grantId });
      },
    };
  }

  async function consume(name: ModelName, id: string): Promise<void> {
    const filter = { _id: keyOf(name, id), consumed: { $exists: false } } as object;
    const won = await models[name].collection.findOneAndUpdate(
      filter,
      { $set: { consumed: Math.floor(Date.now() / 1000) } },
      { projection: { _id: 1 } },
    );
    if (!won) await revokeAfterSecondUse(name, id);
  }

  /** The response to send in place of the one with what was just issued. */
  async function rotate(id: string, body: unknown): Promise<unknown> {
    // A cast, because a refresh token is consumed by a response of the token endpoint.
    const answer = await rotations.replace(keyOf('RefreshToken', id), body ?? {});
    if (answer === 'theft') await revokeAfterSecondUse('RefreshToken', id);
    return answer;
  }

  /** A grant lives as long as the longest of its tokens. */
  async function prolongGrant(grantId: string, seconds = 0): Promise<void> {
    const grant = Provider.ctx?.oidc.entities.Grant;
    if (grant?.jti === grantId && grant.remainingTTL >= seconds) return;
    const expiresAt = new Date(Date.now() + prolonged(seconds) * 1000);
    await models.Grant.collection.updateOne({ _id: grantId } as object, { $max: { expiresAt } });
  }

  // RFC 6749, section 4.1.2, and RFC 9700, section 4.14.2: what was used twice was stolen once, so all of it ends.
  async function revokeAfterSecondUse(name: ModelName, id: string): Promise<void> {
    const found = await models[name].collection.findOne<StoredModel>({ _id: keyOf(name, id) } as object);
    if (found?.grantId) {
      const { grantId } = found;
      await Promise.all([
        ...GRANTABLE.map((grantable) => models[grantable].collection.deleteMany({ grantId })),
        models.Grant.collection.deleteOne({ _id: grantId } as object),
      ]);
    }
    throw new errors.InvalidGrant('already used');
  }

  /** An interaction of a session alone ends with the session, which the provider compares. */
  async function stands(name: ModelName, { accountId, proofMark }: StoredModel): Promise<boolean> {
    const rests = name === 'Session' || name === 'Grant' || (name === 'Interaction' && proofMark !== undefined);
    return !rests || accountId === undefined || holds(proofMark, await findUser(accountId));
  }

  async function removeWhere(names: ModelName[], filter: QueryFilter<StoredModel>): Promise<void> {
    // One after the other: they may share a transaction, which takes no two at once.
    for (const name of names) await models[name].deleteMany(filter);
  }

  return {
    adapter,
    forgetSuccessors: rotations.forgetSuccessors,

    async claimOnce(id, expiresAt) {
      try {
        await models.ReplayDetection.collection.insertOne({ _id: sha256(id), payload: '{}', expiresAt } as object);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    async removeOfUsers(userIds) {
      const theirs = { accountId: trusted({ $in: userIds }) };
      const sessions = await models.Session.find(theirs, { accountId: 1, payload: 1 }).lean();
      await postLogouts(sessions.flatMap(noticesOf));
      await removeWhere(['Session', 'Interaction', 'Grant', ...GRANTABLE], theirs);
    },
    removeOfApplication: (clientId) =>
      removeWhere(
        ['Grant', ...GRANTABLE, 'ClientCredentials', 'PushedAuthorizationRequest', 'RegistrationAccessToken'],
        { clientId },
      ),
  };
}

/** Where the request under way comes from. */
function seenNow() {
  const at = new Date();
  const request = Provider.ctx?.request;
  const device = { userAgent: (request?.get('user-agent') ?? '').slice(0, 400), address: request?.ip ?? '' };
  return { set: { seenAt: at, device }, onInsert: { createdAt: at } };
}
