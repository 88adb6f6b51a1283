import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { VERIFICATION_SECONDS, type Stream, type StreamStore } from './stream.ts';

type StreamDocument = Omit<Stream, 'id'> & { _id: string };

/** A user that a receiver wants to hear nothing about. */
interface MutedSubject {
  streamId: string;
  userId: string;
}

const streams = new Schema<StreamDocument>(
  {
    _id: String,
    clientId: String,
    requested: [String],
    push: { type: new Schema({ url: String, authorization: String }, { _id: false }), default: undefined },
    description: String,
    status: String,
    reason: String,
    createdAt: Date,
    attempt: Number,
    dueAt: Date,
    lastSuccessAt: Date,
    lastFailure: { type: new Schema({ at: Date, detail: String }, { _id: false }), default: undefined },
    verifiedAt: Date,
  },
  { collection: 'event_streams', versionKey: false },
);
streams.index({ clientId: 1 });

const muted = new Schema<MutedSubject>(
  { streamId: String, userId: String },
  { collection: 'event_stream_muted_subjects', versionKey: false },
);
muted.index({ streamId: 1, userId: 1 }, { unique: true });
muted.index({ userId: 1 });

export function createStreamStore(connection: Connection): StreamStore {
  const Streams = modelOf(connection, 'EventStream', streams);
  const Muted = modelOf(connection, 'MutedSubject', muted);

  return {
    async insert({ id, ...stream }) {
      await Streams.create({ _id: id, ...stream });
    },

    async find(id) {
      const found = await Streams.findOne({ _id: id }).lean();
      return found ? toStream(found) : undefined;
    },

    async ofApplications(clientIds) {
      const found = await Streams.find({ clientId: trusted({ $in: clientIds }) })
        .sort({ createdAt: 1 })
        .lean();
      return found.map(toStream);
    },

    async replace({ id, ...stream }) {
      await Streams.replaceOne({ _id: id }, stream);
    },

    async noteVerification(id, at) {
      const earlier = new Date(at.getTime() - VERIFICATION_SECONDS * 1000);
      const { matchedCount } = await Streams.updateOne(
        { _id: id, verifiedAt: trusted({ $not: { $gt: earlier } }) },
        { $set: { verifiedAt: at } },
      );
      return matchedCount === 1;
    },

    async remove(id) {
      await Streams.deleteOne({ _id: id });
      await Muted.deleteMany({ streamId: id });
    },

    async claim(ids, now, until) {
      const found = await Streams.findOneAndUpdate(
        {
          _id: trusted({ $in: ids }),
          status: 'enabled',
          push: trusted({ $exists: true }),
          dueAt: trusted({ $lte: now }),
        },
        { $set: { dueAt: until }, $inc: { attempt: 1 } },
        { sort: { dueAt: 1 }, returnDocument: 'after' },
      ).lean();
      return found ? toStream(found) : undefined;
    },

    async release({ id, attempt }, { dueAt, successAt, failure }) {
      const success = successAt ? { lastSuccessAt: successAt } : {};
      // What is refused after others were taken is refused for the first time.
      const counted = failure && !successAt ? {} : { attempt: failure ? 1 : 0 };
      await Streams.updateOne(
        { _id: id, attempt },
        failure
          ? { $set: { dueAt, ...success, ...counted, lastFailure: failure } }
          : { $set: { dueAt, ...success, ...counted }, $unset: { lastFailure: 1 } },
      );
    },

    async setMuted(id, userId, isMuted) {
      const entry = { streamId: id, userId };
      if (isMuted) await Muted.updateOne(entry, { $setOnInsert: entry }, { upsert: true });
      else await Muted.deleteOne(entry);
    },

    mutedIn: (ids, userIds) =>
      Muted.find({ streamId: trusted({ $in: ids }), userId: trusted({ $in: userIds }) }, { _id: 0 }).lean(),

    async unmuteUser(userId) {
      await Muted.deleteMany({ userId });
    },
  };
}

const toStream = ({ _id: id, ...stream }: StreamDocument): Stream => ({ id, ...stream });
