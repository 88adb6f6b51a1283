import { isUtf8 } from 'node:buffer';
import { NotUtf8 } from './utf8.ts';

/** Encodings of text files that can be named, as the Encoding Standard labels them; Latin-1 is read as its superset Windows-1252. */
const DECODERS: Record<string, string> = {
  'utf-16': 'utf-16',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  'latin-1': 'windows-1252',
  latin1: 'windows-1252',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'utf-8': 'utf-8',
  utf8: 'utf-8',
};

export const TEXT_ENCODINGS = ['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'windows-1252'] as const;

/** The encoding of that name; undefined when it is not known. */
export const encodingOf = (name: string): string | undefined => DECODERS[name.trim().toLowerCase()];

const wrong = (what: string) => NotUtf8({ detail: `The file ${what}.` });

const BOM_LE = Buffer.from([0xff, 0xfe]);
const BOM_BE = Buffer.from([0xfe, 0xff]);
/** So many bytes are looked at for a byte order mark, and for zeros of UTF-16 without one. */
const LOOKED_AT = 64;

/**
 * A text file in UTF-8. UTF-16 is told by its byte order mark, or named; Windows-1252 must be named, because nothing tells it from
 * other encodings of one byte. What is not UTF-8 nor any of these is refused by name. A single faulty place in UTF-8 stays, for
 * the reader to point at.
 * @throws NotUtf8 while it is read
 */
export async function* toUtf8(source: AsyncIterable<Buffer>, named = ''): AsyncGenerator<Buffer> {
  const { head, rest } = await readHead(source);
  const encoding = mayBeUtf16(named) ? (markOf(head) ?? bareUtf16(named)) : named;
  if (encoding === '' || encoding === 'utf-8') {
    if (encoding === '' && looksLikeUtf16(head))
      throw wrong('looks like UTF-16 without a byte order mark; save it as UTF-8, or name its encoding');
    yield* checked(rest);
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const piece of rest) yield Buffer.from(decoder.decode(piece, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw wrong(`is not valid ${encoding.toUpperCase()}`);
  }
}

const mayBeUtf16 = (named: string) => named === '' || named === 'utf-16';

/** RFC 2781, section 4.3: without a mark it is big-endian; what has none and is not named is no UTF-16. */
const bareUtf16 = (named: string) => (named === 'utf-16' ? 'utf-16be' : '');

function markOf(head: Buffer): string | undefined {
  if (head.subarray(0, 2).equals(BOM_LE)) return 'utf-16le';
  return head.subarray(0, 2).equals(BOM_BE) ? 'utf-16be' : undefined;
}

/** In UTF-16, every second byte of an ASCII character is zero, and in a text no byte is. */
function looksLikeUtf16(head: Buffer): boolean {
  const zeros = head.filter((byte) => byte === 0).length;
  return head.length >= 4 && zeros >= head.length / 4;
}

/** The first bytes, and the whole as it came. */
async function readHead(source: AsyncIterable<Buffer>): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  const pieces = source[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let length = 0;
  while (length < LOOKED_AT) {
    const next = await pieces.next();
    if (next.done) break;
    read.push(next.value);
    length += next.value.length;
  }
  async function* whole() {
    try {
      yield* read;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  return { head: Buffer.concat(read).subarray(0, LOOKED_AT), rest: whole() };
}

/** As it came. When the first character that is not ASCII is not UTF-8, the whole file is in another encoding. */
async function* checked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer | undefined;
  let isKnown = false;
  for await (const piece of source) {
    if (!isKnown) {
      begun = begun ? Buffer.concat([begun, piece]) : startOf(piece);
      isKnown = begun !== undefined && begun.length >= LONGEST_CHARACTER;
      if (isKnown) assertCharacter(begun!);
    }
    yield piece;
  }
  if (!isKnown && begun) assertCharacter(begun);
}

const LONGEST_CHARACTER = 4;

function startOf(piece: Buffer): Buffer | undefined {
  const at = piece.findIndex((byte) => byte >= 0x80);
  return at === -1 ? undefined : piece.subarray(at, at + LONGEST_CHARACTER);
}

function assertCharacter(bytes: Buffer): void {
  const lengths = [2, 3, 4].filter((length) => length <= bytes.length);
  if (lengths.some((length) => isUtf8(bytes.subarray(0, length)))) return;
  throw wrong('is not UTF-8 and looks like Windows-1252; save it as “CSV UTF-8”, or name its encoding');
}
