import { trusted, type Connection, type Model, type QueryFilter } from 'mongoose';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { restOn } from '../../platform/basis.ts';
import type { Encryption } from '../../platform/encryption.ts';
import { sha256 } from '../../platform/ids.ts';
import { insertFirst } from '../../platform/db/insert-first.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { holds } from '../../directory/users/proof.ts';
import { carriedInteractions } from './carried-interactions.ts';
import { clientAdapter } from './client-adapter.ts';
import { createEndedTokens } from './ended-tokens.mongo.ts';
import type { PostLogouts } from '../logout/logout-notice.ts';
import type { Redemptions } from './redemptions.ts';
import { createRefreshFamilies } from './refresh-families.mongo.ts';
import type { FindUser } from './request-users.ts';
import { createSelfContainedTokens, isTokenName } from './self-contained-tokens.ts';
import { createStoredGrants } from './stored-grants.mongo.ts';
import {
  collections,
  isAlive,
  keyOf,
  noticesOf,
  schemaOf,
  type ModelName,
  type StoredModel,
} from './stored-model.mongo.ts';
import { createPayloads } from './stored-payload.mongo.ts';
import { createStoredSessions } from './stored-sessions.mongo.ts';
import { createTokenStore, type TokenStore } from './token-store.ts';

/** Where tokens are that were too long to carry their state, and what is under a grant otherwise. */
const UNDER_GRANTS: ModelName[] = [
  'AccessToken',
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'DeviceCode',
  'RefreshToken',
];
const OF_USERS: ModelName[] = ['Session', 'Interaction', 'Grant', ...UNDER_GRANTS];
const OF_APPLICATIONS: ModelName[] = [
  'Grant',
  ...UNDER_GRANTS,
  'ClientCredentials',
  'PushedAuthorizationRequest',
  'RegistrationAccessToken',
];

/** What the rest of `oidc/` needs of the stored models, besides the adapter itself. */
export interface ProtocolStore {
  adapter(name: string): Adapter;
  tokens: TokenStore;
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
  issuer: string;
  applications: Pick<Applications, 'find' | 'clientMetadata' | 'register' | 'forgetRegistered'>;
  postLogouts: PostLogouts;
  findUser: FindUser;
  redemptions: Pick<Redemptions, 'consumeLast'>;
  /** For how long a refresh token that was replaced stands for its successor. */
  graceSeconds: number;
}

/**
 * The provider's models. Tokens and codes carry their own state (`self-contained-tokens.ts`), and browsers that of interactions
 * (`carried-interactions.ts`); the rest is in MongoDB, one collection
 * each, `_id` the SHA-256 of the model's id: who reads the database cannot use what is in it. Expiry is checked at every
 * read; the TTL index only tidies up. Consuming is one conditional write, because the provider itself looks first and
 * consumes later, and fifty racers would all pass the look. A session, a grant or an interaction that rests on a proof of
 * identity which was ended is not found.
 */
export function createProtocolStore(options: ProtocolStoreOptions): ProtocolStore {
  const { connection, encryption, issuer, applications, postLogouts, findUser, redemptions, graceSeconds } = options;
  const models = Object.fromEntries(
    (Object.keys(collections) as ModelName[]).map((name) => [name, modelOf(connection, `Oidc${name}`, schemaOf(name))]),
  ) as Record<ModelName, Model<StoredModel>>;
  const payloads = createPayloads(encryption);
  const grants = createStoredGrants({ model: models.Grant, payloads, isGood });
  const sessions = createStoredSessions({ model: models.Session, payloads, isGood });
  const families = createRefreshFamilies({ connection, encryption, graceSeconds });
  const ended = createEndedTokens(connection);
  const interactions = carriedInteractions({
    encryption,
    issuer,
    stored: modelAdapter('Interaction'),
    end: ended.end,
    stands,
  });
  const tokens = createTokenStore({
    tokens: createSelfContainedTokens({ encryption, issuer }),
    stored: modelAdapter,
    grants,
    sessions,
    families,
    ended,
    findApplication: applications.find,
    redemptions,
  });

  function adapter(name: string): Adapter {
    if (name === 'Client') return clientAdapter(applications);
    if (!(name in models)) throw new Error(`The provider asked for an unknown model: ${name}.`);
    // A cast, because it was just looked for.
    const model = name as ModelName;
    if (isTokenName(model)) return { ...modelAdapter(model), find: (value) => tokens.find(model, value) };
    if (model === 'Grant') return { ...modelAdapter(model), ...grants.adapter };
    if (model === 'Interaction') return interactions;
    if (model === 'Session') return { ...modelAdapter(model), ...sessions.adapter };
    return modelAdapter(model);
  }

  function modelAdapter(name: ModelName): Adapter {
    const { collection } = models[name];
    const alive = () => ({ $or: [{ expiresAt: { $gt: new Date() } }, { expiresAt: { $exists: false } }] });
    const read = async (filter: object, id?: string): Promise<AdapterPayload | undefined> => {
      const found = await collection.findOne<StoredModel>({ ...filter, ...alive() } as object);
      // An interaction of a session alone ends with the session, which the provider compares.
      const isMarked = name === 'Interaction' && found?.proofMark !== undefined;
      if (!found || (isMarked && !(await stands(found)))) return undefined;
      const { consumed } = found;
      return { ...payloads.toPayload(name, found, id), ...(consumed === undefined ? {} : { consumed }) };
    };

    return {
      async upsert(id, payload, expiresIn) {
        const key = keyOf(name, id);
        // `consumed` is not written here: a stale copy that is saved again must not undo the consumption by another request.
        const $set = payloads.toStored(name, key, payload, expiresIn);
        await collection.updateOne({ _id: key } as object, { $set }, { upsert: true });
        if (payload.grantId && expiresIn && name !== 'Interaction') await grants.prolong(payload.grantId, expiresIn);
      },
      find: async (id) => read({ _id: keyOf(name, id) }, id),
      findByUid: (uid) => read({ uid }),
      findByUserCode: (userCode) => read({ userCode: sha256(userCode) }),
      consume: (id) => redemptions.consumeLast(() => consume(name, id)),
      async destroy(id) {
        await collection.deleteOne({ _id: keyOf(name, id) } as object);
      },
      // They end with the grant, which the provider removes as well.
      revokeByGrantId: async () => {},
    };
  }

  async function consume(name: ModelName, id: string): Promise<void> {
    const filter = { _id: keyOf(name, id), consumed: { $exists: false } } as object;
    const change = { $set: { consumed: Math.floor(Date.now() / 1000) } };
    const won = await models[name].collection.findOneAndUpdate(filter, change, { projection: { _id: 1 } });
    if (won) return;
    const found = await models[name].collection.findOne<StoredModel>({ _id: keyOf(name, id) } as object);
    await tokens.revokeAfterSecondUse(found?.grantId);
  }

  async function stands({ accountId, proofMark }: Pick<StoredModel, 'accountId' | 'proofMark'>): Promise<boolean> {
    if (accountId === undefined) return true;
    // A user in memory may be older than what rests on a proof given a moment ago.
    return holds(proofMark, await findUser(accountId)) || holds(proofMark, await findUser.afresh(accountId));
  }

  async function isGood(found: StoredModel | undefined): Promise<boolean> {
    if (!found) return false;
    restOn(() => isAlive(found));
    return isAlive(found) && stands(found);
  }

  async function removeWhere(names: ModelName[], filter: QueryFilter<StoredModel>): Promise<void> {
    // One after the other: they may share a transaction, which takes no two at once.
    for (const name of names) await models[name].deleteMany(filter);
  }

  return {
    adapter,
    tokens,
    forgetSuccessors: families.forgetSuccessors,

    claimOnce: (id, expiresAt) =>
      insertFirst(models.ReplayDetection.collection, { _id: sha256(id), payload: '{}', expiresAt }),

    async removeOfUsers(userIds) {
      const theirs = { accountId: trusted({ $in: userIds }) };
      const open = await models.Session.find(theirs, { accountId: 1, payload: 1 }).lean();
      await postLogouts(open.flatMap(noticesOf));
      await removeWhere(OF_USERS, theirs);
    },
    removeOfApplication: (clientId) => removeWhere(OF_APPLICATIONS, { clientId }),
  };
}
