import { trusted, type Model, type QueryFilter, type UpdateQuery } from 'mongoose';

/** Something to deliver, as it is stored. */
export interface Due {
  _id: string;
  /** 1 for the first, once it is claimed. */
  attempt: number;
  /** When it may be claimed: while it is being delivered, that is when the time for it runs out. */
  dueAt: Date;
}

/** What a node has claimed, by the attempt: when its time has run out, somebody else may have it. */
interface Claimed {
  id: string;
  attempt: number;
}

/** What is delivered by one node at a time, and again later when that fails. */
export function createDueQueue<D extends Due>(model: Model<D>) {
  // Casts, because mongoose does not know which fields a document has whose type is not fixed.
  const filter = (condition: object) => condition as QueryFilter<D>;
  const change = (update: object) => update as UpdateQuery<D>;

  return {
    /** The one that is due longest and meets the condition, nobody else's until `until`. */
    async claim(condition: QueryFilter<D>, now: Date, until: Date): Promise<D | undefined> {
      const found = await model
        .findOneAndUpdate(
          filter({ ...condition, dueAt: trusted({ $lte: now }) }),
          change({ $set: { dueAt: until }, $inc: { attempt: 1 } }),
          { sort: { dueAt: 1 }, returnDocument: 'after' },
        )
        .lean();
      return (found as D | null) ?? undefined;
    },

    /** Nothing when someone else has it by now. */
    async postpone({ id, attempt }: Claimed, dueAt: Date): Promise<void> {
      await model.updateOne(filter({ _id: id, attempt }), change({ $set: { dueAt } }));
    },

    async remove({ id }: Pick<Claimed, 'id'>): Promise<void> {
      await model.deleteOne(filter({ _id: id }));
    },
  };
}
