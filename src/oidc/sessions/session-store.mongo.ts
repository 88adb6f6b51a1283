import { trusted, type Connection, type QueryFilter } from 'mongoose';
import { addMethods } from '../../platform/assurance.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { toPage, type Page, type PageRequest, type Position } from '../../platform/paging.ts';
import { TIME_KEY_LENGTH, timeKey } from '../../platform/sort-keys.ts';
import type { ProofMark } from '../../directory/users/proof.ts';
import { consentModel } from '../consent/consents.mongo.ts';
import type { PostLogouts } from '../logout/logout-notice.ts';
import { grantsOf, noticesOf, schemaOf, type StoredModel } from '../provider/stored-model.mongo.ts';

/** A sign-in session as its owner sees it. */
export interface ListedSession {
  id: string;
  /** What the browser's own session is recognised by. */
  uid: string;
  userAgent: string;
  address: string;
  createdAt: Date;
  seenAt: Date;
}

/** What a user has let an application read. */
export interface ConnectedApplication {
  clientId: string;
  scopes: string[];
}

/** What a user has open, and how they close it themselves; the applications are told. */
export interface SessionStore {
  /** The most recently used first. */
  sessionsOf(userId: string, page: PageRequest): Promise<Page<ListedSession>>;
  /** The ids of all of them, sorted. */
  sessionIdsOf(userId: string): Promise<string[]>;
  /** Whether they have a session anywhere, or an application has tokens of theirs. */
  isSignedIn(userId: string): Promise<boolean>;
  /** With the grants and tokens that were issued in it. False when it is gone or someone else's. */
  endSession(userId: string, id: string): Promise<boolean>;
  /** With all grants, tokens and interactions but those of the one that is kept, which gets the mark. */
  endOtherSessions(userId: string, kept: { uid: string; mark: ProofMark }): Promise<void>;
  /** Notes that a session was proved by more methods (RFC 8176) than it was begun with. */
  addMethods(userId: string, uid: string, methods: string[]): Promise<void>;
  connectedTo(userId: string): Promise<ConnectedApplication[]>;
  /** Takes the consent back and ends every grant and token. */
  disconnect(userId: string, clientId: string): Promise<void>;
  /** Ends every grant and token, and keeps the consent. False if there was none. */
  endAccess(userId: string, clientId: string, options: { withLogout: boolean }): Promise<boolean>;
}

export function createSessionStore(connection: Connection, postLogouts: PostLogouts): SessionStore {
  const model = (name: 'Session' | 'Interaction' | 'Grant') =>
    modelOf<StoredModel>(connection, `Oidc${name}`, schemaOf(name));
  const Sessions = model('Session');
  const Grants = model('Grant');
  const Consents = consentModel(connection);
  const alive = () => ({ expiresAt: trusted({ $gt: new Date() }) });

  /** With what was issued under them. */
  async function endGrants(grantIds: string[]): Promise<void> {
    if (grantIds.length > 0) await Grants.deleteMany({ _id: trusted({ $in: grantIds }) });
  }

  async function endGrantsTo(userId: string, clientId: string): Promise<number> {
    const grants = await Grants.find({ accountId: userId, clientId }, { _id: 1 }).lean();
    await endGrants(grants.map(({ _id }) => _id));
    return grants.length;
  }

  async function postLogoutsTo(userId: string, clientId: string): Promise<void> {
    const sessions = await Sessions.find({ accountId: userId }).lean();
    await postLogouts(sessions.flatMap(noticesOf).filter((notice) => notice.clientId === clientId));
  }

  async function endWhere(filter: QueryFilter<StoredModel>): Promise<number> {
    const sessions = await Sessions.find(filter).lean();
    await postLogouts(sessions.flatMap(noticesOf));
    await Sessions.deleteMany({ _id: trusted({ $in: sessions.map(({ _id }) => _id) }) });
    await endGrants(sessions.flatMap(grantsOf));
    return sessions.length;
  }

  return {
    async sessionsOf(userId, page) {
      const backward = page.position?.backward ?? false;
      const order = backward ? 1 : -1;
      const found = await Sessions.find({ accountId: userId, ...alive(), ...after(page.position) }, { payload: 0 })
        .sort({ seenAt: order, _id: order })
        .limit(page.limit + 1)
        .lean();
      return toPage(page, { items: found.map(toListed) }, keyOfSession);
    },

    async sessionIdsOf(userId) {
      const found = await Sessions.find({ accountId: userId, ...alive() }, { _id: 1 })
        .sort({ _id: 1 })
        .lean();
      return found.map(({ _id }) => _id);
    },

    async isSignedIn(userId) {
      const open = { accountId: userId, ...alive() };
      return (await Sessions.exists(open)) !== null || (await Grants.exists(open)) !== null;
    },

    endSession: async (userId, id) => (await endWhere({ _id: id, accountId: userId })) > 0,

    async endOtherSessions(userId, { uid, mark }) {
      const kept = await Sessions.findOne({ accountId: userId, uid }).lean();
      const grantIds = kept ? grantsOf(kept) : [];
      await endWhere({ accountId: userId, uid: trusted({ $ne: uid }) });
      await model('Interaction').deleteMany({ accountId: userId, uid: trusted({ $ne: uid }) });
      const others = await Grants.find({ accountId: userId, _id: trusted({ $nin: grantIds }) }, { _id: 1 }).lean();
      await endGrants(others.map(({ _id }) => _id));
      if (kept) await Sessions.updateOne({ _id: kept._id, accountId: userId }, { $set: { proofMark: mark } });
      await Grants.updateMany({ _id: trusted({ $in: grantIds }) }, { $set: { proofMark: mark } });
    },

    async addMethods(userId, uid, methods) {
      const found = await Sessions.findOne({ accountId: userId, uid, ...alive() }).lean();
      if (!found) return;
      const payload = JSON.parse(found.payload) as { amr?: string[] };
      const next = JSON.stringify({ ...payload, amr: addMethods(payload.amr ?? [], methods) });
      // Whatever else the session took up in the meantime stays; then its owner is asked for the factor again.
      await Sessions.updateOne({ _id: found._id, payload: found.payload }, { $set: { payload: next } });
    },

    async connectedTo(userId) {
      const consents = await Consents.find({ userId }).lean();
      const grants = await Grants.find({ accountId: userId, ...alive() }).lean();
      const scopes = new Map<string, Set<string>>();
      const add = (clientId: string, list: string[]) => {
        const known = scopes.get(clientId) ?? new Set();
        scopes.set(clientId, new Set([...known, ...list]));
      };
      for (const consent of consents) add(consent.clientId, consent.scopes);
      for (const { clientId = '', scopes: granted = [] } of grants) add(clientId, granted);
      return [...scopes].map(([clientId, all]) => ({ clientId, scopes: [...all].sort() }));
    },

    async disconnect(userId, clientId) {
      await postLogoutsTo(userId, clientId);
      await Consents.deleteMany({ userId, clientId });
      await endGrantsTo(userId, clientId);
    },

    async endAccess(userId, clientId, { withLogout }) {
      if (withLogout) await postLogoutsTo(userId, clientId);
      return (await endGrantsTo(userId, clientId)) > 0;
    },
  };
}

const keyOfSession = ({ id, seenAt }: ListedSession) => timeKey(seenAt, id);

/** Those behind a position of the list, by what its key is made of. */
function after(position: Position | undefined): QueryFilter<StoredModel> {
  const { key, backward } = position ?? {};
  if (key === undefined) return {};
  const seenAt = new Date(parseInt(key.slice(0, TIME_KEY_LENGTH), 16));
  const id = key.slice(TIME_KEY_LENGTH);
  const beyond = backward ? '$gt' : '$lt';
  return { $or: [{ seenAt: trusted({ [beyond]: seenAt }) }, { seenAt, _id: trusted({ [beyond]: id }) }] };
}

const toListed = ({
  _id,
  uid = '',
  device,
  createdAt,
  seenAt,
}: Omit<StoredModel, 'payload'> & { _id: string }): ListedSession => ({
  id: _id,
  uid,
  userAgent: device?.userAgent ?? '',
  address: device?.address ?? '',
  createdAt: createdAt ?? new Date(0),
  seenAt: seenAt ?? new Date(0),
});
