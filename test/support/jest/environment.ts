import { flushCompileCache } from 'node:module';

const DEFECTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Tests run in Node itself and not in a sandbox, so that `runtime.ts` can load every module once for all files of a worker.
 * There is no object `jest`: tests pass clocks in, mock no module, and count calls with `mock` of `node:test`.
 */
export default class NativeEnvironment {
  readonly global = globalThis;
  readonly #console = globalThis.console;
  readonly #exit = process.exit;
  readonly #listeners = DEFECTS.map((event) => ({ event, listeners: process.rawListeners(event) }));
  readonly #globals = new Set(Reflect.ownKeys(globalThis));

  getVmContext(): null {
    return null;
  }

  async setup(): Promise<void> {}

  /**
   * Nothing of a file reaches the next one, or stays in memory: jest keeps its tests, and all that they refer to, on the
   * global object. A file that could not be loaded leaves its listeners too.
   */
  async teardown(): Promise<void> {
    for (const { event, listeners } of this.#listeners) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener as () => void);
    }
    const left = Reflect.ownKeys(globalThis).filter((key) => !this.#globals.has(key));
    for (const key of left) Reflect.deleteProperty(globalThis, key);
    globalThis.console = this.#console;
    process.exit = this.#exit;
    // Left to the exit of the worker, this takes longer than jest waits for that.
    flushCompileCache();
  }
}
