import { cpuMsOfTree, type Memory } from './processes.ts';
import type { Server } from './servers.ts';

/** What a server and its database used up between two moments, and the memory of the server at the second. */
export interface Spent extends Memory {
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
      residentBytes: after.residentBytes,
      peakBytes: after.peakBytes,
    };
  };
}

function databaseCpuMs({ ready }: Server): number | undefined {
  return ready.databasePid === undefined ? undefined : cpuMsOfTree(ready.databasePid);
}

function minus(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

function countsBetween(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const counts = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
