import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { EndNotice, EndNoticeStore } from './end-notice.ts';

interface NoticeDocument extends EndNotice {
  _id: string;
  round: number;
  forgetAt: Date;
}

interface RoundDocument {
  _id: string;
  round: number;
  count: number;
  toldOn: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const noticeSchema = new Schema<NoticeDocument>(
  { _id: String, groupId: String, userId: String, until: Date, round: Number, forgetAt: Date },
  { collection: 'end_notices', versionKey: false },
);
noticeSchema.index({ groupId: 1, round: 1, until: 1 });
noticeSchema.index({ userId: 1 });
// A membership that has ended is not told any more, so the record is of no use.
noticeSchema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

const roundSchema = new Schema<RoundDocument>(
  { _id: String, round: Number, count: Number, toldOn: String },
  { collection: 'end_notice_rounds', versionKey: false },
);

const idOf = ({ groupId, userId, until }: EndNotice) => `${groupId}:${userId}:${until.getTime()}`;

export function createEndNoticeStore(connection: Connection): EndNoticeStore {
  const Notices = modelOf(connection, 'EndNotice', noticeSchema);
  const Rounds = modelOf(connection, 'EndNoticeRound', roundSchema);

  return {
    known: (notices) => Notices.find({ _id: trusted({ $in: notices.map(idOf) }) }).lean(),

    async add(groupId, notices) {
      const { round } = await Rounds.findOneAndUpdate(
        { _id: groupId },
        { $inc: { count: notices.length }, $setOnInsert: { round: 0, toldOn: '' } },
        { upsert: true, returnDocument: 'after' },
      ).lean();
      const documents = notices.map((notice) => ({
        ...notice,
        _id: idOf(notice),
        round,
        forgetAt: new Date(notice.until.getTime() + DAY_MS),
      }));
      await Notices.insertMany(documents, { lean: true });
    },

    async openRound(groupId) {
      const found = await Rounds.findOne({ _id: groupId }).lean();
      return found ?? undefined;
    },

    inRound: (groupId, round, limit) => Notices.find({ groupId, round }).sort({ until: 1 }).limit(limit).lean(),

    async closeRound(groupId, round, day) {
      await Rounds.updateOne({ _id: groupId, round }, { $set: { round: round + 1, count: 0, toldOn: day } });
    },

    async removeOfUser(userId) {
      await Notices.deleteMany({ userId });
    },

    async removeOfGroup(groupId) {
      await Rounds.deleteOne({ _id: groupId });
      await Notices.deleteMany({ groupId });
    },
  };
}
