/** One line that replaces itself, for whoever watches; nothing in a file or a pipe. */
export function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`);
}
