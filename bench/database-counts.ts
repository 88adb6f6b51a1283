import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { mongo } from 'mongoose';
import type { DatabaseCounts } from './child.ts';

type Admin = ReturnType<mongo.Db['admin']>;

/** What a request can cause; not what drivers and change streams send every second whether or not there are requests. */
const COUNTED = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate', 'commitTransaction'];

interface ServerStatus {
  metrics: {
    commands: Record<string, { total: number }>;
    queryExecutor: { scanned: number; scannedObjects: number };
  };
}

/** As the database itself counts it, since it was started. */
export async function countWork(admin: Admin): Promise<DatabaseCounts> {
  // A cast, because only these few of the many figures are read.
  const { metrics } = (await admin.serverStatus()) as unknown as ServerStatus;
  const { scanned, scannedObjects } = metrics.queryExecutor;
  const totals = COUNTED.map((name) => [name, Number(metrics.commands[name]?.total ?? 0)] as const);
  return { commands: Object.fromEntries(totals), keys: Number(scanned), documents: Number(scannedObjects) };
}

/** Of the embedded MongoDB, which runs as a process of its own. */
export function databasePid(dataDir: string): number {
  // A cast, because Cohort itself wrote the file.
  return (JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number }).pid;
}

export async function describeDatabase(admin: Admin, source: string): Promise<string> {
  const { version } = (await admin.buildInfo()) as { version: string };
  const [, from = source] = /^Database: ([^(,]*?) ?[(,]/.exec(source) ?? [];
  return `MongoDB ${version} (${from})`;
}
