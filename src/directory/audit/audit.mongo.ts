import { Schema, type Connection } from 'mongoose';
import type { Encryption } from '../../platform/encryption.ts';
import { between, timeKey } from '../../platform/sort-keys.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage, type Filter, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import { followInserts } from '../../platform/db/follow.mongo.ts';
import {
  toAuditEvent,
  type AuditCriteria,
  type AuditEvent,
  type AuditStore,
  type StoredAuditEvent,
  type Subject,
} from './audit-event.ts';

const party = new Schema({ kind: String, id: String, name: String }, { _id: false });
const subject = new Schema({ id: String, name: String }, { _id: false });
const schema = new Schema<StoredAuditEvent>(
  {
    _id: String,
    key: String,
    at: Date,
    action: String,
    actor: party,
    target: party,
    subjects: [subject],
    touched: [String],
    details: Schema.Types.Mixed,
    address: String,
  },
  { collection: 'audit_events', versionKey: false, minimize: false },
);

/** By these an event is found; the first that is given leads the search, the others are checked. */
const ways = ['touched', 'actor.id', 'actor.name', 'address', 'action', 'target.kind'] as const;

const indexOf = (field: string) => ({ [field]: 1, key: 1 }) as const;
schema.index({ key: 1 });
for (const way of ways) schema.index(indexOf(way));

const FOLLOWING = 'audit-events:follow';

export function createAuditStore(connection: Connection, encryption: Encryption): AuditStore {
  const Events = modelOf(connection, 'AuditEvent', schema);

  // Encrypted, so that nothing but the database's own words comes back to it.
  function openCursor(cursor: string): string | undefined {
    try {
      return encryption.decrypt(FOLLOWING, cursor);
    } catch {
      return undefined;
    }
  }

  return {
    async append(events) {
      await Events.insertMany(events.map(toDocument), { lean: true });
    },

    search: (criteria, page) => readPage(Events, toSearch(criteria), page, toAuditEvent),

    async follow(cursor, limits) {
      const token = cursor === undefined ? undefined : openCursor(cursor);
      if (cursor !== undefined && token === undefined) return 'unknown';
      const followed = await followInserts<StoredAuditEvent>(Events.collection, token, limits);
      if (followed === 'forgotten') return 'unknown';
      return { events: followed.documents.map(toAuditEvent), cursor: encryption.encrypt(FOLLOWING, followed.cursor) };
    },
  };
}

function toSearch(criteria: AuditCriteria): Search {
  const { action, actorId, actorName, targetKind, targetId, targetName, address, after, before } = criteria;
  const conditions = [
    ['touched', targetId],
    ['touched', targetName],
    ['actor.id', actorId],
    ['actor.name', actorName],
    ['address', address],
    ['action', action],
    ['target.kind', targetKind],
  ] as const;
  const [first, ...others] = conditions.filter(([, value]) => value !== undefined);
  const toFilter = ([field, value]: (typeof conditions)[number]): Filter => ({ [field]: value });
  const scan: Scan = {
    index: first ? indexOf(first[0]) : { key: 1 },
    head: first ? toFilter(first) : {},
    key: 'key',
    range: between(after, before),
    rest: others.map(toFilter),
  };
  return { scans: [scan], descending: !criteria.oldestFirst };
}

/** Its parts one by one: who records an event may give a thing with more than belongs here. */
function toDocument({ id, at, action, actor, target, subjects, details, address }: AuditEvent): StoredAuditEvent {
  return {
    _id: id,
    key: timeKey(at, id),
    at,
    action,
    actor: toParty(actor),
    target: toParty(target),
    subjects: subjects.map(toSubject),
    touched: [...new Set([target, ...subjects].flatMap((thing) => [thing.id, thing.name]))],
    details,
    ...(address === undefined ? {} : { address }),
  };
}

const toParty = <Kind>({ kind, id, name }: Subject & { kind: Kind }) => ({ kind, id, name });
const toSubject = ({ id, name }: Subject): Subject => ({ id, name });
