/** The types of images that are shown: those that run nothing. SVG can hold script and styles. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

interface Size {
  width: number;
  height: number;
}

interface Format {
  type: ImageType;
  begins(bytes: Buffer): boolean;
  /** Cut short images are not shown: browsers would show a part, or that something is broken. */
  isWhole(bytes: Buffer): boolean;
  sizeOf(bytes: Buffer): Size | undefined;
}

const ascii = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to);

/** Portable Network Graphics, sections 5.2, 11.2.2 and 11.2.5. */
const png: Format = {
  type: 'image/png',
  begins: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  isWhole: (bytes) => bytes.subarray(-8).equals(Buffer.from('49454e44ae426082', 'hex')),
  sizeOf: (bytes) =>
    ascii(bytes, 12, 16) === 'IHDR' ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : undefined,
};

/** GIF89a, sections 17, 18 and 27. */
const gif: Format = {
  type: 'image/gif',
  begins: (bytes) => /^GIF8[79]a$/.test(ascii(bytes, 0, 6)),
  isWhole: (bytes) => bytes.at(-1) === 0x3b,
  sizeOf: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
};

/** ITU-T T.81, annex B: the first frame header. */
const jpeg: Format = {
  type: 'image/jpeg',
  begins: (bytes) => bytes.readUInt16BE(0) === 0xffd8,
  isWhole: (bytes) => bytes.readUInt16BE(bytes.length - 2) === 0xffd9,
  sizeOf(bytes) {
    let at = 2;
    while (at + 9 < bytes.length && bytes[at] === 0xff) {
      const marker = bytes[at + 1]!;
      const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
      if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
      at += 2 + bytes.readUInt16BE(at + 2);
    }
    return undefined;
  },
};

/** RFC 9649, sections 2.4 to 2.7. */
const webp: Format = {
  type: 'image/webp',
  begins: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP',
  isWhole: (bytes) => bytes.readUInt32LE(4) + 8 === bytes.length,
  sizeOf(bytes) {
    const chunk = ascii(bytes, 12, 16);
    if (chunk === 'VP8X') return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    if (chunk === 'VP8 ') return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    if (chunk !== 'VP8L') return undefined;
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  },
};

const FORMATS = [png, jpeg, webp, gif];
/** Every format has its size within so many bytes, or none of it is read. */
const LEAST_BYTES = 30;
/** A small file can be a picture that takes gigabytes when it is shown. */
const MOST_PIXELS = 2048;

/** The type of an image, by its content alone; undefined for what is not shown. */
export function imageTypeOf(bytes: Buffer): ImageType | undefined {
  if (bytes.length < LEAST_BYTES) return undefined;
  const format = FORMATS.find(({ begins }) => begins(bytes));
  const size = format?.isWhole(bytes) ? format.sizeOf(bytes) : undefined;
  const fits = (pixels: number) => pixels >= 1 && pixels <= MOST_PIXELS;
  return size && fits(size.width) && fits(size.height) ? format?.type : undefined;
}
