import type { Duplex } from 'node:stream';
import type { Middleware } from 'koa';

/** So long a client has to read the answer to a request that it has not finished sending. */
const GRACE_MS = 1000;

/**
 * Closes the connection after the answer to a request whose body was not read to its end, because it is too large, of a
 * wrong type or for an address that takes none. Node would read all of it, however much that is, for the sake of the next
 * request on the same connection.
 */
export const closeUnread: Middleware = async ({ req, res }, next) => {
  try {
    await next();
  } finally {
    if (!req.complete) {
      res.shouldKeepAlive = false;
      // Node reads a body to its end when the handler has not begun to. One that was begun and paused stays with the sender.
      req.pause();
      req.read();
      // Node would cut the connection with the last byte of the answer, and the client could lose it (RFC 9112, section 9.6).
      const { socket } = req;
      socket.destroySoon = () => endSoon(socket);
    }
  }
};

/** Says all that is to be said, and cuts the connection when the other side does not end it either. */
export function endSoon(socket: Duplex, lastWords?: string): void {
  if (lastWords === undefined) socket.end();
  else socket.end(lastWords);
  const cut = setTimeout(() => socket.destroy(), GRACE_MS);
  socket.once('close', () => clearTimeout(cut));
}
