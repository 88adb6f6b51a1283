import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

// What /proc says about processes that are not the bench's own; undefined where there is none.

/** proc_pid_stat(5): fields 14 to 17 are times in ticks of a hundredth of a second. */
const MS_PER_TICK = 10;

interface Stat {
  parent: number;
  /** In user mode and in the kernel, with the children that have ended. */
  cpuMs: number;
}

/** Of a process and all that it has forked, as PostgreSQL does for each connection. */
export function cpuMsOfTree(pid: number): number | undefined {
  if (!statOf(pid)) return undefined;
  return treeOf(pid).reduce((sum, member) => sum + (statOf(member)?.cpuMs ?? 0), 0);
}

export interface Memory {
  residentBytes: number | undefined;
  peakBytes: number | undefined;
}

export function memoryOf(pid: number): Memory {
  const status = contentOf(`/proc/${pid}/status`) ?? '';
  return { residentBytes: sizeIn(status, 'VmRSS'), peakBytes: sizeIn(status, 'VmHWM') };
}

/** The process that listens on a TCP port of this machine. */
export function pidListeningOn(port: number): number | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listenersIn(contentOf(`/proc/net/${table}`) ?? '', port)));
  return allPids().find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

/** Sockets of a process that are open, to whomever. */
export function countSockets(pid: number): number {
  return socketsOf(pid).length;
}

function statOf(pid: number): Stat | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in brackets may hold spaces; what follows it begins with the 3rd field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
}

function treeOf(root: number): number[] {
  const parents = new Map(allPids().map((pid) => [pid, statOf(pid)?.parent]));
  const tree = [root];
  for (const member of tree) tree.push(...[...parents].filter(([, parent]) => parent === member).map(([pid]) => pid));
  return tree;
}

/** Lines of proc_net(5): the local address and port in hexadecimal, the state (0A listens), the inode in the 10th column. */
function listenersIn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap((row) => (row[1]?.endsWith(suffix) && row[3] === '0A' ? [row[9]!] : []));
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(folder), []).flatMap((descriptor) => {
    const target = attempt(() => readlinkSync(`${folder}/${descriptor}`), '');
    return target.startsWith('socket:[') ? [target.slice('socket:['.length, -1)] : [];
  });
}

function allPids(): number[] {
  return attempt(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function sizeIn(status: string, field: string): number | undefined {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

const contentOf = (path: string): string | undefined => attempt(() => readFileSync(path, 'utf8'), undefined);

/** A process may end while it is looked at. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
