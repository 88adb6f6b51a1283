import { Schema, trusted, type Connection } from 'mongoose';
import type { Boxes } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import { EMPTY_FILE, FileTooLarge, type FileEnd, type FileStore } from './files.ts';

const CHUNK_BYTES = 256 * 1024;
const KEPT_DAYS = 7;

interface ChunkDocument {
  /** `<file>:<number>`, so that the same piece cannot be there twice. */
  _id: string;
  file: string;
  /** Bytes of the file before this piece. */
  offset: number;
  length: number;
  /** Encrypted: an export may hold client secrets, an import the hashes of passwords. */
  data: Buffer;
  expiresAt: Date;
}

const schema = new Schema<ChunkDocument>(
  { _id: String, file: String, offset: Number, length: Number, data: Buffer, expiresAt: Date },
  { collection: 'job_files', versionKey: false },
);
schema.index({ file: 1, offset: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export interface FileStoreOptions {
  boxes: Boxes;
  now: Clock;
  keptDays?: number;
}

/** Files in pieces of at most 256 KiB, which unlike GridFS take part in the transaction of a job's step. */
export function createFileStore(
  connection: Connection,
  { boxes, now, keptDays = KEPT_DAYS }: FileStoreOptions,
): FileStore {
  const Chunks = connection.model('JobFile', schema);

  async function append(file: string, end: FileEnd, data: Buffer): Promise<FileEnd> {
    const expiresAt = new Date(now().getTime() + keptDays * 24 * 3600 * 1000);
    // An empty file is one empty piece: it is there.
    const length = Math.max(Math.ceil(data.length / CHUNK_BYTES), end.chunks === 0 ? 1 : 0);
    const pieces = Array.from({ length }, (_, index) => ({
      _id: `${file}:${end.chunks + index}`,
      file,
      offset: end.bytes + index * CHUNK_BYTES,
      data: data.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
      expiresAt,
    }));
    const sealed = pieces.map((piece) => ({
      ...piece,
      length: piece.data.length,
      data: boxes.sealBytes(purposeOf(piece._id), piece.data),
    }));
    if (pieces.length > 0) await Chunks.insertMany(sealed);
    return { chunks: end.chunks + pieces.length, bytes: end.bytes + data.length };
  }

  async function remove(file: string): Promise<void> {
    await Chunks.deleteMany({ file });
  }

  async function write(file: string, source: AsyncIterable<Buffer>, maxBytes: number): Promise<number> {
    let end = EMPTY_FILE;
    try {
      for await (const piece of inPieces(source)) {
        if (end.bytes + piece.length > maxBytes) throw FileTooLarge();
        end = await append(file, end, piece);
      }
      return (end === EMPTY_FILE ? await append(file, end, Buffer.alloc(0)) : end).bytes;
    } catch (error) {
      await remove(file);
      throw error;
    }
  }

  async function* openFrom(file: string, byteOffset: number): AsyncGenerator<Buffer> {
    let at = byteOffset;
    for (;;) {
      const near = trusted({ $lte: at, $gt: at - CHUNK_BYTES });
      const chunk = await Chunks.findOne({ file, offset: near }).sort({ offset: -1 });
      const bytes = chunk && boxes.openBytes(purposeOf(chunk._id), chunk.data).subarray(at - chunk.offset);
      if (!bytes?.length) return;
      yield bytes;
      at += bytes.length;
    }
  }

  async function size(file: string): Promise<number | undefined> {
    const last = await Chunks.findOne({ file }, { offset: 1, length: 1 }).sort({ offset: -1 });
    return last ? last.offset + last.length : undefined;
  }

  return { write, append, openFrom, size, remove };
}

const purposeOf = (piece: string) => `job_file:${piece}`;

/** Gathers what comes in small pieces into whole ones, so that a slow sender does not make a document of each packet. */
async function* inPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const bytes of source) {
    held.push(bytes);
    length += bytes.length;
    if (length < CHUNK_BYTES) continue;
    const all = Buffer.concat(held);
    const whole = all.length - (all.length % CHUNK_BYTES);
    yield all.subarray(0, whole);
    held = [all.subarray(whole)];
    length = all.length - whole;
  }
  if (length > 0) yield Buffer.concat(held);
}
