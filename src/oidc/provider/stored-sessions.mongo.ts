import type { Model } from 'mongoose';
import { Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import { createDocumentCache } from '../../platform/db/watched-cache.mongo.ts';
import { expectedVersion, expectVersion } from './expectations.ts';
import { authorizationsOf, keyOf, versionOf, type IsGood, type StoredModel } from './stored-model.mongo.ts';
import type { Payloads } from './stored-payload.mongo.ts';

export interface StoredSessionsOptions {
  model: Model<StoredModel>;
  payloads: Payloads;
  isGood: IsGood;
}

/** Its expiry moves at every use; one that would move by less than this part of its life is not written. */
const WORTH_MOVING = 0.02;
/** When and where a session was last used is told to this precision. */
const SEEN_MS = 5 * 60_000;

/** A token that ends with a session, and what it says of it. */
export interface BoundToken {
  sessionUid: string;
  grantId?: string | undefined;
  clientId?: string | undefined;
  accountId?: string | undefined;
}

/**
 * Sessions. A browser's own is read from the database at every request that comes with its cookie, for what it asks next
 * depends on what another node may have written a moment ago; for tokens they are in memory.
 */
export function createStoredSessions({ model, payloads, isGood }: StoredSessionsOptions) {
  const { collection, db } = model;
  const ids = new Map<string, string>();
  const cache = createDocumentCache<StoredModel>(model);
  const told = (key: string) => tellChanged(db, collection.name, [key]);

  // The session that a request found at its beginning. When it saves it at its end, a user may have ended that session
  // in the meantime (signed out everywhere, disabled, deleted), and saving must not bring it back.
  const loaded = new WeakMap<object, StoredModel>();
  const loadedAs = (key: string): StoredModel | undefined => {
    const found = Provider.ctx && loaded.get(Provider.ctx);
    return found?._id === key ? found : undefined;
  };

  /** The session as it is in memory, or as it is now; what memory says no to may have changed a moment ago. */
  async function byUid(uid: string, version: number | undefined): Promise<StoredModel | undefined> {
    const isIt = (found: StoredModel) => found.uid === uid && versionOf(found) >= version!;
    const load = async () => (await collection.findOne<StoredModel>({ uid } as object)) ?? undefined;
    const known = await cache.getBy(version === undefined ? undefined : ids.get(uid), isIt, load);
    if (known) rememberId(uid, known._id);
    if (await isGood(known)) return known;
    const found = version === undefined ? undefined : await cache.getBy(undefined, isIt, load);
    return (await isGood(found)) ? found : undefined;
  }

  function rememberId(uid: string, id: string): void {
    if (ids.size > MOST_IDS) ids.clear();
    ids.set(uid, id);
  }

  const adapter: Pick<Adapter, 'find' | 'findByUid' | 'upsert' | 'destroy'> = {
    async find(id) {
      const key = keyOf('Session', id);
      const found = await cache.getAfresh(key);
      if (!found || !(await isGood(found))) return undefined;
      if (Provider.ctx) loaded.set(Provider.ctx, found);
      for (const { grantId, grantVersion } of Object.values(authorizationsOf(found)))
        if (grantId && grantVersion !== undefined) expectVersion(grantId, grantVersion);
      return payloads.toPayload('Session', found, id);
    },
    async findByUid(uid) {
      const found = await byUid(uid, expectedVersion(uid));
      return found && payloads.toPayload('Session', found);
    },
    async upsert(id, payload, expiresIn = 0) {
      const key = keyOf('Session', id);
      noteGrantVersion(payload);
      const before = loadedAs(key);
      const next = payloads.toStored('Session', key, payload, expiresIn);
      const seen = seenNow();
      if (before && isAsGood(before, next, seen, expiresIn)) return;
      await collection.updateOne(
        { _id: key } as object,
        { $set: { ...next, ...seen }, $inc: { version: 1 }, $setOnInsert: { createdAt: seen.seenAt } },
        { upsert: before === undefined },
      );
      told(key);
    },
    async destroy(id) {
      const key = keyOf('Session', id);
      await collection.deleteOne({ _id: key } as object);
      told(key);
    },
  };

  /**
   * Has what follows in this request find the session of a token: in memory, if it says the same as the token there. Otherwise
   * another node may have written it after it was read here.
   */
  async function expectFor({ sessionUid, grantId, clientId = '', accountId }: BoundToken): Promise<void> {
    const found = await byUid(sessionUid, 0);
    const agrees = found?.accountId === accountId && found && authorizationsOf(found)[clientId]?.grantId === grantId;
    if (agrees) expectVersion(sessionUid, versionOf(found));
  }

  return { adapter, expectFor };
}

const MOST_IDS = 50_000;

/** Whether a session that was read needs no write to be what it should be. */
function isAsGood(
  before: StoredModel,
  next: Partial<StoredModel>,
  { seenAt, device }: ReturnType<typeof seenNow>,
  expiresIn: number,
): boolean {
  const moved = (next.expiresAt?.getTime() ?? 0) - (before.expiresAt?.getTime() ?? 0);
  return (
    before.payload === next.payload &&
    before.proofMark === next.proofMark &&
    moved < WORTH_MOVING * expiresIn * 1000 &&
    seenAt.getTime() - (before.seenAt?.getTime() ?? 0) < SEEN_MS &&
    before.device?.address === device.address &&
    before.device.userAgent === device.userAgent
  );
}

/** A session says how new the grant is that it was last used with. */
function noteGrantVersion(payload: AdapterPayload): void {
  const { client, entities } = Provider.ctx?.oidc ?? {};
  const grant = entities?.Grant as { jti?: string; version?: number } | undefined;
  const authorization = (payload['authorizations'] as ReturnType<typeof authorizationsOf> | undefined)?.[
    client?.clientId ?? ''
  ];
  if (authorization && grant && authorization.grantId === grant.jti) authorization.grantVersion = grant.version ?? 0;
}

/** Where the request under way comes from. */
function seenNow() {
  const request = Provider.ctx?.request;
  const device = { userAgent: (request?.get('user-agent') ?? '').slice(0, 400), address: request?.ip ?? '' };
  return { seenAt: new Date(), device };
}
