import { readFileSync } from 'node:fs';
import type { Server } from './servers.ts';

/** What a server and its database used up between two moments. */
export interface Spent {
  serverCpuMs: number;
  /** Undefined without a database, and where there is no /proc. */
  databaseCpuMs: number | undefined;
  /** Commands to the database, by name. */
  commands: Record<string, number>;
  /** Entries of indexes and documents that the database looked at. */
  keys: number;
  documents: number;
}

/** Opens an account; the function that it gives closes it and says what was spent meanwhile. */
export async function openAccount(server: Server): Promise<() => Promise<Spent>> {
  // Asking costs the database something too, so its clock is read after the first question and before the second.
  const before = await server.usage();
  const databaseBefore = databaseCpuMs(server);
  return async () => {
    const databaseAfter = databaseCpuMs(server);
    const after = await server.usage();
    return {
      serverCpuMs: after.cpuMs - before.cpuMs,
      databaseCpuMs: minus(databaseAfter, databaseBefore),
      commands: countsBetween(before.commands, after.commands),
      keys: after.keys - before.keys,
      documents: after.documents - before.documents,
    };
  };
}

function databaseCpuMs({ ready }: Server): number | undefined {
  return ready.databasePid === undefined ? undefined : cpuMsOf(ready.databasePid);
}

/** proc_pid_stat(5): fields 14 and 15 are the time in user mode and in the kernel, in ticks of a hundredth of a second. */
function cpuMsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces; what follows it begins with the 3rd field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

function minus(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

function countsBetween(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const counts = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
