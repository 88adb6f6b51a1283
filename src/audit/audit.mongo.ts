import { Schema, trusted, type Connection } from 'mongoose';
import { BadCursor, toPage } from '../base/paging.ts';
import type { AuditEvent, AuditFilter, AuditStore } from './audit-event.ts';

type AuditDocument = Omit<AuditEvent, 'id'> & { _id: string };

const party = new Schema({ kind: String, id: String, name: String }, { _id: false });
const schema = new Schema<AuditDocument>(
  { _id: String, at: Date, action: String, actor: party, target: party, details: Schema.Types.Mixed, address: String },
  { collection: 'audit_events', versionKey: false, minimize: false },
);
schema.index({ at: -1, _id: -1 });
schema.index({ action: 1, at: -1, _id: -1 });
schema.index({ 'actor.id': 1, at: -1, _id: -1 });
schema.index({ 'target.id': 1, at: -1, _id: -1 });

export function createAuditStore(connection: Connection): AuditStore {
  const Events = connection.model('AuditEvent', schema);

  return {
    async append({ id, ...event }) {
      await Events.create({ _id: id, ...event });
    },

    async list(filter, { limit, after }) {
      const found = await Events.find({ ...toQuery(filter), ...(after === undefined ? {} : olderThan(after)) })
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage('audit-events', found.map(toEvent), limit, (event) => `${event.at.getTime()} ${event.id}`);
    },
  };
}

function toQuery({ action, actorId, targetId }: AuditFilter): Record<string, unknown> {
  return {
    ...(action ? { action } : {}),
    ...(actorId ? { 'actor.id': actorId } : {}),
    ...(targetId ? { 'target.id': targetId } : {}),
  };
}

function olderThan(after: string): Record<string, unknown> {
  const [, time = '', id = ''] = /^(\d{1,15}) ([0-9a-f]{16})$/.exec(after) ?? [];
  if (!id) throw BadCursor();
  const at = new Date(Number(time));
  return { $or: [{ at: trusted({ $lt: at }) }, { at, _id: trusted({ $lt: id }) }] };
}

function toEvent({ _id, ...event }: AuditDocument): AuditEvent {
  return { id: _id, ...event, details: event.details ?? {} };
}
