/** So long a line waits for others. */
const WAIT_MS = 10;

let lines = '';

function write(): void {
  const text = lines;
  lines = '';
  if (text) process.stdout.write(text);
}

process.on('exit', write);

/** Writes the lines of some milliseconds together: under load, writing each costs more than making it. */
export const standardOutput = {
  write(line: string): void {
    if (!lines) setTimeout(write, WAIT_MS).unref();
    lines += line;
  },
};
