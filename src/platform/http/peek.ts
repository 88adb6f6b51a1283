import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of at most `most` bytes, and gives it to the next who asks the request for its `iterator` too. Undefined for one
 * that is longer, or ends before its end; what was read of it is put back.
 */
export function peekBody(req: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (!hasBody(req)) return Promise.resolve(handOn(req, []));
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;

    function look(): void {
      // A cast, because no encoding is set.
      for (let piece = req.read() as Buffer | null; piece; piece = req.read() as Buffer | null) {
        pieces.push(piece);
        length += piece.length;
      }
      if (req.complete || req.destroyed || length > most) finish();
    }

    function finish(): void {
      req.off('readable', look).off('close', look);
      if (req.complete && length <= most) return resolve(handOn(req, pieces));
      if (length > 0 && !req.destroyed) req.unshift(Buffer.concat(pieces));
      resolve(undefined);
    }

    req.on('readable', look).on('close', look);
  });
}

/** The request counts as readable, which it is no longer in Node's eyes. */
function handOn(req: IncomingMessage, pieces: Buffer[]): Buffer {
  const [first = Buffer.alloc(0), ...rest] = pieces;
  const body = rest.length === 0 ? first : Buffer.concat(pieces);
  Object.defineProperty(req, 'readable', { value: true });
  req.iterator = () => onePiece(body);
  return body;
}

async function* onePiece(body: Buffer): AsyncGenerator<Buffer, undefined> {
  if (body.length > 0) yield body;
  return undefined;
}

/** RFC 9112, section 6.3. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
