import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ready, Usage } from './child.ts';

/** A server under load, in a process of its own. */
export interface Server {
  name: string;
  ready: Ready;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  name: string;
  /** A file of this folder. */
  script: string;
  argument?: string;
  /** A folder that gets a CPU profile when the server stops. */
  profileIn?: string | undefined;
  /** Called as soon as there is something to stop. */
  onStart(stop: () => Promise<void>): void;
}

const STOP_WITHIN_MS = 30_000;

/** Starts a server and waits until it answers. What it prints is dropped, what it complains about is shown. */
export async function startServer({ name, script, argument, profileIn, onStart }: ServerOptions): Promise<Server> {
  const child = fork(join(import.meta.dirname, script), argument === undefined ? [] : [argument], {
    execArgv: profileIn ? ['--cpu-prof', `--cpu-prof-dir=${profileIn}`, `--cpu-prof-name=${name}.cpuprofile`] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = () => stopChild(child);
  onStart(stop);
  const ready = await nextMessage<Ready>(child, name);
  return {
    name,
    ready,
    usage() {
      const answer = nextMessage<Usage>(child, name);
      child.send('usage');
      return answer;
    },
    stop,
  };
}

function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off('exit', onExit);
      // A cast, because both ends of the channel are in this folder.
      resolve(message as T);
    };
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      reject(new Error(`${name} ended by itself (${code ?? signal}).`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}
