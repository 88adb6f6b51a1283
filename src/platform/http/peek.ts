import type { IncomingMessage } from 'node:http';

/**
 * Reads a body of at most `most` bytes and puts it back for the next reader of the request; undefined for one that is longer, or
 * ends before its end.
 */
export function peekBody(req: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (!hasBody(req)) return Promise.resolve(Buffer.alloc(0));
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
      const [first = Buffer.alloc(0), ...rest] = pieces;
      const body = rest.length === 0 ? first : Buffer.concat(pieces);
      // At once, before it is said that nothing is left. Nothing cannot be put back, and is read again as nothing.
      if (length > 0 && !req.destroyed) req.unshift(body);
      else if (req.complete) Object.defineProperty(req, 'readable', { value: true });
      resolve(req.complete && length <= most ? body : undefined);
    }

    req.on('readable', look).on('close', look);
  });
}

/** RFC 9112, section 6.3. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
