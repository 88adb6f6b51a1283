/** What must be undone however the bench ends. */
export interface CleanUps {
  add(undo: () => Promise<void>): void;
  /** Undoes everything, the newest first, once. */
  run(): Promise<void>;
  /** True from the moment in which the undoing began: what fails then fails because of it. */
  isRunning(): boolean;
}

/** Runs what was added at the end, and also at Ctrl-C or when the process is told to stop. */
export function createCleanUps(): CleanUps {
  const undos: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;

  async function undoAll(): Promise<void> {
    for (let undo = undos.pop(); undo; undo = undos.pop()) await undo();
  }

  function run(): Promise<void> {
    running ??= undoAll();
    return running;
  }

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => void run().finally(() => process.exit(code)));
  }
  return { add: (undo) => void undos.push(undo), run, isRunning: () => running !== undefined };
}
