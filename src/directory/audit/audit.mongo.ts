import { Schema, type Connection } from 'mongoose';
import type { Boxes } from '../../platform/encryption.ts';
import { between, timeKey } from '../../platform/sort-keys.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage, type Filter, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import { followInserts } from '../../platform/db/follow.mongo.ts';
import type { AuditCriteria, AuditEvent, AuditStore } from './audit-event.ts';

type AuditDocument = Omit<AuditEvent, 'id'> & {
  _id: string;
  /** The order of events; no two share one. */
  key: string;
  /** Ids and names of the target and the subjects. */
  touched: string[];
};

const party = new Schema({ kind: String, id: String, name: String }, { _id: false });
const subject = new Schema({ id: String, name: String }, { _id: false });
const schema = new Schema<AuditDocument>(
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

export function createAuditStore(connection: Connection, boxes: Boxes): AuditStore {
  const Events = modelOf(connection, 'AuditEvent', schema);

  // Encrypted, so that nothing but the database's own words comes back to it.
  function openCursor(cursor: string): string | undefined {
    try {
      return boxes.open(FOLLOWING, cursor);
    } catch {
      return undefined;
    }
  }

  return {
    async append(events) {
      await Events.insertMany(events.map(toDocument));
    },

    search: (criteria, page) => readPage(Events, toSearch(criteria), page, toEvent),

    async follow(cursor, limits) {
      const token = cursor === undefined ? undefined : openCursor(cursor);
      if (cursor !== undefined && token === undefined) return 'unknown';
      const followed = await followInserts<AuditDocument>(Events.collection, token, limits);
      if (followed === 'forgotten') return 'unknown';
      return { events: followed.documents.map(toEvent), cursor: boxes.seal(FOLLOWING, followed.cursor) };
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

function toDocument({ id, ...event }: AuditEvent): AuditDocument {
  const { target, subjects, at } = event;
  const touched = [...new Set([target, ...subjects].flatMap((thing) => [thing.id, thing.name]))];
  return { _id: id, ...event, key: timeKey(at, id), touched };
}

function toEvent({ _id, key: _key, touched: _touched, ...event }: AuditDocument): AuditEvent {
  return { id: _id, ...event, subjects: event.subjects ?? [], details: event.details ?? {} };
}
