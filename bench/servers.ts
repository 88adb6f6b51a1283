import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RoundLength } from './load.ts';
import type { Product } from './products/product.ts';
import { USAGE, type Done, type Ready, type Usage, type Wanted } from './child.ts';

/** A server under load, in a process of its own. */
export interface Server {
  name: string;
  product: Product;
  ready: Ready;
  usage(): Promise<Usage>;
  /** Operations that are not counted, until the server is as quick as it gets. */
  warmUp: RoundLength;
  /** Called before an operation is measured. */
  prepare(operation: string): Promise<void>;
}

/** One that the bench has started itself. */
export interface OwnServer extends Server {
  pid: number;
  /** Has it do something that no request can cause; resolves to what it says when that is done. */
  order(name: string): Promise<unknown>;
}

export interface ServerOptions {
  name: string;
  product: Product;
  /** A file of this folder. */
  script: string;
  nodeArguments?: string[];
  warmUp?: RoundLength;
  arguments?: string[];
  /** A folder that gets a CPU profile when the server stops. */
  profileIn?: string | undefined;
  /** Called as soon as there is something to stop. */
  onStart(stop: () => Promise<void>): void;
}

/** Until V8 has compiled what is used most; with much code, that takes some thousand operations. */
const WARM_UP: RoundLength = { seconds: 5 };

const STOP_WITHIN_MS = 30_000;

/** Starts a server and waits until it answers. What it prints is dropped, what it complains about is shown. */
export async function startServer(options: ServerOptions): Promise<OwnServer> {
  const { name, product, script, profileIn, onStart } = options;
  const child = fork(join(import.meta.dirname, script), options.arguments ?? [], {
    execArgv: profileIn
      ? ['--cpu-prof', `--cpu-prof-dir=${profileIn}`, `--cpu-prof-name=${name}.cpuprofile`]
      : (options.nodeArguments ?? []),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onStart(() => stopChild(child));
  const ready = await firstMessage<Ready>(child, name);
  const ask = createAsking(child, name);
  return {
    name,
    pid: child.pid!,
    product,
    ready,
    // A cast, because both ends of the channel are in this folder.
    usage: async () => (await ask(USAGE)) as Usage,
    order: ask,
    warmUp: options.warmUp ?? WARM_UP,
    prepare: async () => undefined,
  };
}

/** Asks the server and waits for its answer; several questions may be open at a time. */
function createAsking(child: ChildProcess, name: string) {
  const open = new Map<number, (done: Done) => void>();
  let last = 0;
  child.on('message', (message) => {
    const done = message as Done;
    open.get(done.id)?.(done);
    open.delete(done.id);
  });
  child.once('exit', () => {
    for (const [id, close] of open) close({ id, failure: `${name} ended by itself.` });
  });

  return async (order: string): Promise<unknown> => {
    const wanted: Wanted = { id: (last += 1), order };
    const closed = new Promise<Done>((resolve) => open.set(wanted.id, resolve));
    child.send(wanted);
    const { answer, failure } = await closed;
    if (failure !== undefined) throw new Error(failure);
    return answer;
  };
}

/** What a process of the bench says first. */
export function firstMessage<T>(child: ChildProcess, name: string): Promise<T> {
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

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}
