import { readFile } from 'node:fs/promises';
import { run } from './programs.ts';

/**
 * When a live process was started, in words that only compare equal for the same
 * process: a process id alone may have been given to another one since. Undefined
 * when no such process lives. Linux reads /proc, other systems ask `ps`; on Windows,
 * which has neither, every process counts as gone, so nothing there is ever joined
 * or signalled by its id.
 */
export async function birthOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  const [boot, stat] = await Promise.all([read('/proc/sys/kernel/random/boot_id'), read(`/proc/${pid}/stat`)]);
  // proc_pid_stat(5): the name in brackets may hold spaces; after it come the state (3rd field) and the start (22nd).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  const isGone = start === undefined || state === 'Z' || state === 'X';
  return isGone ? undefined : `${boot.trim()} ${start}`;
}

/** The command line of a live process with its words parted by spaces, or undefined when no such process lives. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  // A killed process that nobody has waited for yet has an empty command line.
  return (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ') || undefined;
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  const printed = await run('ps', ['-ww', '-o', column, '-p', String(pid)], {
    env: { PATH: '/bin:/usr/bin' },
    forMs: 5_000,
  }).catch(() => '');
  return printed.trim() || undefined;
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
