import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What one server writes while it starts and runs. */
export interface ServerLog {
  /** to hand to the server as its standard output */
  fd: number;
  /** Everything written so far. */
  text: () => Promise<string>;
  /** Makes it the log that is kept; the one kept before it gets the ending `.1`, and all older ones go. */
  keep: () => Promise<void>;
  /** For a server that gave way to another one: leaves that one's log alone. */
  discard: () => Promise<void>;
  /** Ends the reading here; the server writes on. */
  close: () => Promise<void>;
}

/** Opens a log under a name of its own, so that two servers that start at once do not write into each other's. */
export async function openServerLog(path: string): Promise<ServerLog> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'ax+', 0o600);

  async function text(): Promise<string> {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  }

  async function keep(): Promise<void> {
    await rename(path, `${path}.1`).catch(() => undefined);
    await rename(draft, path);
    await removeDrafts(path);
  }

  return { fd: file.fd, text, keep, discard: () => rm(draft, { force: true }), close: () => file.close() };
}

/** Those of starts that were killed; a start that is about to give way reads on in its own although it is gone. */
async function removeDrafts(path: string): Promise<void> {
  const names = await readdir(dirname(path));
  const drafts = names.filter((name) => name.startsWith(`${basename(path)}.`) && name !== `${basename(path)}.1`);
  for (const draft of drafts) await rm(join(dirname(path), draft), { force: true });
}

/** Whether a server says that it takes connections. Its port is not asked, where another server may answer. */
export function isListening(log: string): boolean {
  return log.includes('"msg":"Waiting for connections"');
}

/** Whether a server says that another one has the same database files open. */
export function isShutOut(log: string): boolean {
  return log.includes('DBPathInUse');
}

/**
 * The last thing that a server complains about, in words: its last entry of severity
 * error or fatal, or the last line that is no entry at all, as the system writes when
 * a library is missing. Undefined when it complains about nothing.
 */
export function complaintIn(log: string): string | undefined {
  return log
    .trim()
    .split('\n')
    .map(complaintOf)
    .findLast((complaint) => complaint !== undefined);
}

function complaintOf(line: string): string | undefined {
  const entry = parse(line);
  // An entry that is cut off, as on a full disk, says nothing that can be read.
  if (entry === undefined) return line.startsWith('{') ? undefined : line || undefined;
  if (entry.s !== 'E' && entry.s !== 'F') return undefined;
  return [entry.msg, detailOf(entry.attr)].filter(Boolean).join(': ');
}

interface Entry {
  s: string;
  msg: string;
  attr?: { error?: unknown };
}

function parse(line: string): Entry | undefined {
  try {
    // A cast, because every line that the server itself writes has this shape since 4.4.
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function detailOf(attr: Entry['attr']): string {
  const error = attr?.error;
  if (error === undefined) return '';
  return typeof error === 'string' ? error : JSON.stringify(error);
}
