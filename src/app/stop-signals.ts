import { basename } from 'node:path';
import type { Environment } from '../../config/load.ts';

type Stop = () => Promise<void>;

/** A terminal signals every process of a command, and npm passes its own signal on: that is one wish, not two. */
const ONE_WISH_MS = 500;

const LOOK_FOR_NPM_MS = 250;

/**
 * Calls `stop` at the first signal and then ends the process; a second signal ends it at once.
 * The end of the npm that started this process counts as a signal.
 */
export function stopOnSignal(stop: Stop, environment: Environment): void {
  let stoppingSince: number | undefined;
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      exitAfter(stop);
    } else if (performance.now() - stoppingSince > ONE_WISH_MS) {
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  onEndOfNpm(environment, () => stoppingSince ?? onSignal());
}

export function exitAfter(stop: Stop): void {
  stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
}

/**
 * Tells when npm, or the shell in which npm has started this process, has ended. Such a shell ends on a signal without
 * passing it on, and npm ends with it; otherwise the process would keep its port and its database running.
 */
export function onEndOfNpm(environment: Environment, tell: () => void): void {
  if (!isRunByNpm(environment)) return;
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    tell();
  }, LOOK_FOR_NPM_MS).unref();
}

/** Whether npm runs this very program, rather than another one that has started it and may leave it alone. */
function isRunByNpm({ npm_lifecycle_script: script }: Environment): boolean {
  const [, program] = process.argv;
  return script !== undefined && program !== undefined && script.includes(basename(program));
}
