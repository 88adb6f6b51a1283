import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to outgoing connections and to servers that name none (Linux: from 32768; RFC 6335,
 * section 6: from 49152). One of those may be gone before it is used.
 */
const LOWEST = 20_000;
const HIGHEST = 32_767;

/** By another program, or kept for one by the system. */
const TAKEN = ['EADDRINUSE', 'EACCES'];

export interface HeldPort {
  port: number;
  release(): Promise<void>;
}

/** A loopback port that no other program gets before it is released. */
export async function holdPort(): Promise<HeldPort> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    const server = createServer().unref().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (!TAKEN.includes(String((error as NodeJS.ErrnoException).code))) throw error;
      continue;
    }
    return {
      port,
      async release() {
        server.close();
        await once(server, 'close');
      },
    };
  }
}

/** A loopback port that was free a moment ago. If another program takes it first, ask again. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  return port;
}
