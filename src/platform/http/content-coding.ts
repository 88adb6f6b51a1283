import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Context } from 'koa';
import { BrokenCoding, WrongContentType } from './problems.ts';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** For the header of an answer to a coding that is not supported (RFC 9110, section 12.5.3). */
export const SUPPORTED_CODINGS = 'gzip, deflate, br';

export function isCoded({ headers }: IncomingMessage): boolean {
  return !['', 'identity'].includes(codingOf(headers));
}

/**
 * The body of a request as it was before it was compressed. Limits of its length are for who reads it: a few kilobytes can
 * become gigabytes. What is cut short or damaged ends with BrokenCoding.
 * @throws WrongContentType for another coding, or several
 */
export function decodedBody(ctx: Context): Readable {
  const make = DECODERS[codingOf(ctx.req.headers)];
  if (!make) {
    ctx.set('Accept-Encoding', SUPPORTED_CODINGS);
    throw WrongContentType({ detail: `The body must be uncompressed, or compressed with ${SUPPORTED_CODINGS}.` });
  }
  return Readable.from(decode(ctx.req, make()), { objectMode: false });
}

// Not a pipeline: that would cut the connection, and with it the answer to who sent something damaged.
async function* decode(req: IncomingMessage, decoder: Transform): AsyncGenerator<Buffer> {
  const breakOff = () => req.complete || decoder.destroy(new Error('The request was interrupted.'));
  req.once('close', breakOff);
  if (req.destroyed) breakOff();
  try {
    for await (const piece of req.pipe(decoder)) yield piece as Buffer;
  } catch (cause) {
    throw BrokenCoding({ cause });
  }
}

function codingOf(headers: IncomingMessage['headers']): string {
  return (headers['content-encoding'] ?? '').trim().toLowerCase();
}
