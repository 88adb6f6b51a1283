import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processEnvironment } from '../../config/load.ts';
import type { CleanUps } from '../clean-up.ts';
import { filledBy, temporaryFolder } from '../folders.ts';
import { createHttp } from '../http.ts';
import { bigGroupName } from '../population/groups.ts';
import type { Shape } from '../population/shape.ts';
import { cohort } from '../products/cohort.ts';
import type { Site } from '../products/product.ts';
import { startServer, type OwnServer } from '../servers.ts';
import { openApi, type Api } from '../api.ts';

/** What is to be filled in where nothing is yet. */
export type Wanted = Pick<Shape, 'users' | 'groups' | 'perUser' | 'bigGroup'>;

/** A filled database with a Cohort of its own. */
export interface Database extends Site {
  server: OwnServer;
  api: Api;
  shape: Shape;
}

export interface Databases {
  small: Database;
  large: Database;
}

export interface DatabasesOptions {
  small: Wanted;
  large: Wanted;
  /** The folder of both; one that is thrown away when undefined. */
  dataDir: string | undefined;
  cacheGb: number;
}

/** Starts both databases; one that was filled before is used as it is. */
export async function openDatabases(
  { small, large, dataDir, cacheGb }: DatabasesOptions,
  cleanUps: CleanUps,
): Promise<Databases> {
  const folder = dataDir ?? (await temporaryFolder(cleanUps));
  const open = (name: string, wanted: Wanted) =>
    openDatabase({ name, wanted, folder: join(folder, name), cacheGb }, cleanUps);
  return { small: await open('small', small), large: await open('large', large) };
}

interface DatabaseOptions {
  name: string;
  wanted: Wanted;
  folder: string;
  cacheGb: number;
}

async function openDatabase(options: DatabaseOptions, cleanUps: CleanUps): Promise<Database> {
  const { name, wanted, folder, cacheGb } = options;
  if (!existsSync(join(folder, 'mongodb'))) await fillFolder(folder, wanted, cacheGb);
  const server = await startServer({
    name,
    product: cohort,
    script: 'scale/server.ts',
    warmUp: { operations: 40, seconds: 0.5 },
    arguments: [folder, String(cacheGb)],
    onStart: cleanUps.add,
  });
  const http = createHttp(server.ready.origin, 2);
  cleanUps.add(() => http.close());
  const api = await openApi(http);
  return { server, http, product: cohort, api, shape: await shapeOf(api, folder) };
}

/** By the command for it, in a process whose memory is its own. */
async function fillFolder(folder: string, wanted: Wanted, cacheGb: number): Promise<void> {
  console.error(`Filling ${folder} with ${wanted.users} users …`);
  const numbers = [
    ['--users', wanted.users],
    ['--groups', wanted.groups],
    ['--per-user', wanted.perUser],
    ['--big-group', wanted.bigGroup],
  ].flat();
  const env = { ...processEnvironment(), COHORT_DATABASE_CACHE_GB: String(cacheGb), MONGODB_URI: '' };
  const child = fork(join(import.meta.dirname, '..', 'fill.ts'), [...numbers.map(String), '--data-dir', folder], {
    env,
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  await filledBy(child, folder);
}

/** Who filled a database left its shape with the big group, at the very end. */
async function shapeOf(api: Api, folder: string): Promise<Shape> {
  const [group] = await api.list('/groups', { name: bigGroupName() });
  if (!group) throw new Error(`${folder} holds a database that was not filled to the end; take another folder.`);
  // A cast, because `npm run fill` wrote it.
  return (group['custom_data'] as { shape: Shape }).shape;
}
