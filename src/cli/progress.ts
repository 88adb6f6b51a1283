import cliProgress from 'cli-progress';

/** Shows the progress on the command line. */
export interface Progress {
  /** How many bytes of the whole, and how many rows, are done. */
  update(bytes: number, rows: number): void;
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/** A bar on a terminal, otherwise a line now and then; both on the error stream, so that data can go to the other one. */
export function createProgress(totalBytes: number | undefined): Progress {
  const started = performance.now();
  const rate = (rows: number) => Math.round(rows / Math.max((performance.now() - started) / 1000, 0.001));
  return process.stderr.isTTY && totalBytes ? bar(totalBytes, rate) : lines(totalBytes, rate);
}

type Rate = (rows: number) => number;

function bar(totalBytes: number, rate: Rate): Progress {
  const shown = new cliProgress.SingleBar({
    format: '{bar} {percentage}% | {rows} rows | {rate} rows/s | {eta_formatted} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: process.stderr,
    etaBuffer: 50,
  });
  shown.start(totalBytes, 0, { rows: 0, rate: 0 });
  return {
    update: (bytes, rows) => shown.update(bytes, { rows, rate: rate(rows) }),
    stop: () => shown.stop(),
  };
}

function lines(totalBytes: number | undefined, rate: Rate): Progress {
  const started = performance.now();
  let last = started;

  function line(bytes: number, rows: number): string {
    const share = totalBytes ? Math.min(bytes / totalBytes, 1) : 0;
    const left = Math.round(((performance.now() - started) / 1000) * (1 / share - 1));
    const place = share > 0 ? [`${Math.floor(share * 100)}%`, `${left} s left`] : [];
    return [...place, `${rows} rows`, `${rate(rows)} rows/s`].join(', ');
  }

  return {
    update(bytes, rows) {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      console.error(line(bytes, rows));
    },
    stop: () => {},
  };
}
