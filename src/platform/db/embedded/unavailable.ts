import { DatabaseServerUnavailable } from '../server.ts';

/** The error for when every source failed: one sentence with the ways out, then each source's reason. */
export function noServerFound(reasons: readonly string[]): DatabaseServerUnavailable {
  return new DatabaseServerUnavailable(
    'No MongoDB server could be found or downloaded: set MONGODB_URI to a replica set, install mongod ' +
      '(or point MONGOD_BINARY at one), or start once with network access so that one can be downloaded.\n' +
      reasons.map((reason) => `  - ${reason}`).join('\n'),
  );
}

/**
 * What an unknown failure says for itself, in one line, with the cause that libraries
 * hide beneath it: a failed program by its last line, because that is where pip tells.
 */
export function reasonOf(failure: unknown): string {
  const { message, stderr, cause } = partsOf(failure);
  const own = lastLine(stderr) || firstLine(message) || String(failure);
  return cause === undefined ? own : `${own} (${reasonOf(cause)})`;
}

/** Read by their names, since an error of another realm (a test runner's, say) is no instance of this one's Error. */
function partsOf(failure: unknown): { message: string; stderr: string; cause: unknown } {
  const parts: { message?: unknown; stderr?: unknown; cause?: unknown } =
    typeof failure === 'object' && failure !== null ? failure : {};
  return { message: textOf(parts.message), stderr: textOf(parts.stderr), cause: parts.cause };
}

function textOf(part: unknown): string {
  return typeof part === 'string' ? part : '';
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
