import { Schema, trusted, type Connection } from 'mongoose';
import type { Boxes } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Answer } from '../../platform/http/answer.ts';
import { KeyUsedOtherwise, type AnswerMemory, type RetriableCall } from '../../platform/http/idempotency.ts';

const KEPT_MS = 24 * 3600 * 1000;

interface AnswerDocument {
  _id: string;
  fingerprint: string;
  /** Encrypted: an answer may hold a client secret. Absent while the first call is under way. */
  answer?: string;
  expiresAt: Date;
}

const schema = new Schema<AnswerDocument>(
  { _id: String, fingerprint: String, answer: String, expiresAt: Date },
  { collection: 'idempotent_answers', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export interface AnswerMemoryOptions {
  boxes: Boxes;
  transact: Transact;
  now: Clock;
}

/**
 * Answers to calls with an Idempotency-Key, kept for a day. The answer is written in the transaction of the call itself:
 * a node that fails in between has written neither. Fifty at once conflict on the key; one goes through and the others find its
 * answer.
 */
export function createAnswerMemory(
  connection: Connection,
  { boxes, transact, now }: AnswerMemoryOptions,
): AnswerMemory {
  const Answers = modelOf(connection, 'IdempotentAnswer', schema);
  const idOf = ({ owner, key }: RetriableCall) => sha256(`${owner} ${key}`);
  const purposeOf = (id: string) => `idempotent-answer:${id}`;
  const fresh = (call: RetriableCall) => ({
    fingerprint: call.fingerprint,
    expiresAt: new Date(now().getTime() + KEPT_MS),
  });

  /** The upsert inserts only when no living document has the key; otherwise the key itself refuses it. */
  async function put(call: RetriableCall, answer?: Answer): Promise<'put' | 'taken'> {
    const id = idOf(call);
    const sealed = answer ? { answer: boxes.seal(purposeOf(id), JSON.stringify(answer)) } : {};
    try {
      await Answers.replaceOne(
        { _id: id, expiresAt: trusted({ $lte: now() }) },
        { _id: id, ...fresh(call), ...sealed },
        { upsert: true },
      );
      return 'put';
    } catch (error) {
      if (isDuplicateKey(error)) return 'taken';
      throw error;
    }
  }

  async function recall(call: RetriableCall): Promise<Answer | undefined> {
    const id = idOf(call);
    const found = await Answers.findOne({ _id: id, expiresAt: trusted({ $gt: now() }) }).lean();
    if (!found?.answer) return undefined;
    if (found.fingerprint !== call.fingerprint) throw KeyUsedOtherwise();
    return JSON.parse(boxes.open(purposeOf(id), found.answer)) as Answer;
  }

  async function performOnce(call: RetriableCall, perform: () => Promise<Answer>): Promise<Answer> {
    return transact(async () => {
      if ((await put(call)) === 'taken') throw new Taken();
      const answer = await perform();
      const sealed = boxes.seal(purposeOf(idOf(call)), JSON.stringify(answer));
      await Answers.updateOne({ _id: idOf(call) }, { $set: { answer: sealed } });
      return answer;
    });
  }

  return {
    async once(call, perform, asAnswer) {
      const known = await recall(call);
      if (known) return { answer: known, isReplay: true };
      try {
        return { answer: await performOnce(call, perform), isReplay: false };
      } catch (error) {
        const refusal = error instanceof Taken ? undefined : asAnswer(error);
        if (!refusal && !(error instanceof Taken)) throw error;
        if (refusal && (await put(call, refusal)) === 'put') return { answer: refusal, isReplay: false };
        const others = await recall(call);
        if (!others) throw error;
        return { answer: others, isReplay: true };
      }
    },
  };
}

/** Someone else's call with the same key went through while this one was under way. */
class Taken extends Error {}
