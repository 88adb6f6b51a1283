import { setTimeout as pause } from 'node:timers/promises';
import { growingPause } from '../../backoff.ts';
import type { MongodProcess } from './mongod-process.ts';
import { startMongod, type StartOptions } from './start-mongod.ts';
import { reasonOf } from './unavailable.ts';

/** The longest pause bounds how long the database stays away after its disk has space again. */
const PAUSE = { first: 500, most: 30_000 };

/** After so many troubles in a row (losses of the server and failed starts), the operator has to help. */
const MOST_TROUBLES = 5;

/** A server that has run for so long has nothing to do with the troubles before it. */
const UNTROUBLED_MS = 10 * 60_000;

export interface KeptRunningOptions extends StartOptions {
  say(line: string): void;
}

export interface KeptServer {
  /** Whether the server is down and starting it again has failed several times; it is tried all the same. */
  isLost(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts a server again, at the same port, when it ends by itself, as when the system has no memory or its disk no space
 * left, and tries ever more slowly until it runs: what is connected to it connects again. What it had acknowledged is in
 * its files.
 */
export function keepRunning(first: MongodProcess, started: KeptRunningOptions): KeptServer {
  const { folder } = started;
  const say = sayOnce(started.say);
  const stopping = new AbortController();
  let server = first;
  let isRunning = true;
  let troubles = 0;
  let starting = Promise.resolve();

  function watch(): void {
    const startedAt = performance.now();
    server.onLoss((exit) => {
      if (performance.now() - startedAt > UNTROUBLED_MS) troubles = 0;
      troubles += 1;
      isRunning = false;
      say(`The database server stopped unexpectedly (${exit}): see ${folder.logPath}.`);
      starting = startAgain();
    });
  }

  async function startAgain(): Promise<void> {
    while (!isRunning) {
      await pause(growingPause(troubles, PAUSE), undefined, stopping).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await tryToStart();
    }
    say('The database server is running again.');
    watch();
  }

  async function tryToStart(): Promise<void> {
    try {
      const next = await startMongod({ ...started, port: server.port });
      if (next === 'folder-taken') throw new Error('another process uses its data folder');
      server = next;
      isRunning = true;
    } catch (error) {
      troubles += 1;
      say(`The database server could not be restarted, will keep trying: ${reasonOf(error)}`);
    }
  }

  watch();
  return {
    isLost: () => !isRunning && troubles >= MOST_TROUBLES,
    async stop() {
      stopping.abort();
      await starting;
      await folder.release(server.pid);
      await server.stop();
    },
  };
}

/** Leaves out what would only repeat the line before. */
function sayOnce(say: (line: string) => void): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) say(line);
    last = line;
  };
}
