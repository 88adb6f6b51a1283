import { setTimeout as pause } from 'node:timers/promises';
import type { MongodProcess } from './mongod-process.ts';
import { startMongod, type StartOptions } from './start-mongod.ts';
import { reasonOf } from './unavailable.ts';

/** So often in so long a server that ends by itself is started again; more often, and starting it does not help. */
const MOST_LOSSES = 5;
const WITHIN_MS = 10 * 60_000;

const FIRST_PAUSE_MS = 500;

export interface KeptRunningOptions extends StartOptions {
  say(line: string): void;
}

/**
 * Starts a server again, at the same port, when it ends by itself, as when the system has no memory left: who is connected
 * to it connects again. What it had acknowledged is in its files.
 */
export function keepRunning(first: MongodProcess, options: KeptRunningOptions): { stop: () => Promise<void> } {
  const { folder, say } = options;
  const losses: number[] = [];
  let server = first;
  let isStopping = false;
  let starting = Promise.resolve();

  function watch(): void {
    server.onLoss((exit) => {
      const now = Date.now();
      losses.push(now);
      const recent = losses.filter((at) => now - at < WITHIN_MS).length;
      say(`The database server ended by itself (${exit}): see ${folder.logPath}.`);
      if (recent > MOST_LOSSES) say('It is not started again, since that did not help.');
      else starting = startAgain(FIRST_PAUSE_MS * 2 ** (recent - 1));
    });
  }

  async function startAgain(pauseMs: number): Promise<void> {
    await pause(pauseMs);
    if (isStopping) return;
    try {
      const next = await startMongod({ ...options, port: server.port });
      if (next === 'folder-taken') return say('Another process has started it again.');
      server = next;
      watch();
      say('The database server runs again.');
    } catch (error) {
      say(`It could not be started again: ${reasonOf(error)}`);
    }
  }

  watch();
  return {
    async stop() {
      isStopping = true;
      await starting;
      await folder.release(server.pid);
      await server.stop();
    },
  };
}
