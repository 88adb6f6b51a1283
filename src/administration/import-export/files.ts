import { defineError } from '../../platform/errors.ts';

export const FileTooLarge = defineError('too_large', 'file_too_large', 'The file is too large.');

/** The end of a file that grows: how many pieces and how many bytes there are. */
export interface FileEnd {
  chunks: number;
  bytes: number;
}

export const EMPTY_FILE: FileEnd = { chunks: 0, bytes: 0 };

/** Files of jobs: what is to be imported, and what was exported. They vanish by themselves after some days. */
export interface FileStore {
  /** Keeps a whole file and returns its size; nothing of one that breaks off stays. @throws FileTooLarge */
  write(fileId: string, source: AsyncIterable<Buffer>, maxBytes: number): Promise<number>;
  /** Adds to a file inside the transaction it is called in, after `end`, and returns the new end. */
  append(fileId: string, end: FileEnd, data: Buffer): Promise<FileEnd>;
  /** The bytes of a file from one of them on; none when there is no such file. */
  openFrom(fileId: string, byteOffset: number): AsyncIterable<Buffer>;
  /** In bytes; undefined when there is no such file. */
  size(fileId: string): Promise<number | undefined>;
  remove(fileId: string): Promise<void>;
}
