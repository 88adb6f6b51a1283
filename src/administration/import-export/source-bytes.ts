/** The bytes of a source that were read and not taken yet. */
export interface SourceBytes {
  /** Where the first of them stands in the file. */
  readonly offset: number;
  readonly held: Buffer;
  /** Reads one more piece of the source and returns it; undefined at its end. */
  readMore(): Promise<Buffer | undefined>;
  take(length: number): Buffer;
  close(): Promise<void>;
}

/** A source that begins at this offset of its file. */
export function createSourceBytes(source: AsyncIterable<Buffer>, startOffset: number): SourceBytes {
  const pieces = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let offset = startOffset;

  async function readMore(): Promise<Buffer | undefined> {
    const next = await pieces.next();
    if (next.done) return undefined;
    held = held.length > 0 ? Buffer.concat([held, next.value]) : next.value;
    return next.value;
  }

  function take(length: number): Buffer {
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    offset += length;
    return taken;
  }

  return {
    get offset() {
      return offset;
    },
    get held() {
      return held;
    },
    readMore,
    take,
    close: async () => void (await pieces.return?.()),
  };
}
