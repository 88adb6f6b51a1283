import argon2 from '@node-rs/argon2';
import { Command } from 'commander';
import { loadConfig, processEnvironment } from '../config/load.ts';
import { createProgress } from '../src/cli/progress.ts';
import { keepHeapSmall } from '../src/cli/small-heap.ts';
import type { Database } from '../src/platform/db/connection.mongo.ts';
import { operatorSentence } from '../src/app/process-setup.ts';
import { fill, sizeOf } from './filling.ts';
import { withStores, type Stores } from './open-stores.ts';
import { whole } from './options.ts';
import { faultOfShape, type Shape } from './population/shape.ts';
import { CHEAP_HASH, PASSWORD } from './sample.ts';

interface Options {
  users: number;
  groups: number;
  perUser: number;
  bigGroup: number;
  dataDir?: string;
  add?: true;
}

/** A mistake of the caller's, told in its sentence alone. */
class NotFilled extends Error {}

const program = new Command('npm run fill --')
  .description(
    `Fills the database that the environment names with generated users, whose password is ${PASSWORD}. The same numbers generate the same users.`,
  )
  .option('--users <number>', 'users', whole(1, 100_000_000), 10_000)
  .option('--groups <number>', 'groups; some get many members, most few', whole(1, 10_000_000), 1000)
  .option('--per-user <number>', 'groups that each customer is in', whole(0, 100), 5)
  .option('--big-group <number>', 'members of one group that has many', whole(0, 100_000_000), 5000)
  .option('--data-dir <folder>', 'instead of COHORT_DATA_DIR')
  .option('--add', 'also when there are users already')
  .action(run);

async function run({ dataDir, add, ...numbers }: Options): Promise<void> {
  const fault = faultOfShape({ ...numbers, firstUser: 0, firstGroup: 0 });
  if (fault) throw new NotFilled(fault);
  const environment = processEnvironment();
  const config = loadConfig(dataDir === undefined ? environment : { ...environment, COHORT_DATA_DIR: dataDir });
  await withStores(config, environment, async (stores, database) => {
    const first = await countExisting(database);
    if (first.firstUser > 0 && !add)
      throw new NotFilled(`There are ${first.firstUser} users already; --add adds more.`);
    const shape = { ...numbers, ...first };
    const filling = await timed(() => fillWithProgress(shape, stores));
    console.error('Making the indexes …');
    // After the documents: 200,000 people took 81 s on indexes that were there before and 40 s this way round, and the
    // indexes came out half as large.
    const indexing = await timed(database.prepare);
    console.log(await summaryOf(shape, { filling, indexing }, database));
  });
}

/** Who is added is numbered on behind those who are there. */
async function countExisting({ connection }: Database): Promise<Pick<Shape, 'firstUser' | 'firstGroup'>> {
  const count = (collection: string) => connection.collection(collection).estimatedDocumentCount();
  return { firstUser: await count('users'), firstGroup: await count('groups') };
}

async function fillWithProgress(shape: Shape, stores: Stores): Promise<void> {
  const passwordHash = await argon2.hash(PASSWORD, CHEAP_HASH);
  const progress = createProgress(sizeOf(shape));
  let written = 0;
  const onWritten = (count: number) => {
    written += count;
    progress.update(written, written);
  };
  try {
    await fill({ shape, stores, passwordHash, onWritten });
  } finally {
    progress.stop();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

interface Seconds {
  filling: number;
  indexing: number;
}

async function summaryOf(shape: Shape, { filling, indexing }: Seconds, { connection }: Database): Promise<string> {
  // A cast, because only these of the many figures are read.
  const stats = (await connection.db!.stats()) as Record<'dataSize' | 'storageSize' | 'indexSize', number>;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;
  const memory = megabytes(process.resourceUsage().maxRSS * 1024);
  const rate = Math.round(shape.users / filling);
  return [
    `${shape.users} users and ${shape.groups} groups in ${Math.round(filling)} s, ${rate} users/s; indexes in ${Math.round(indexing)} s.`,
    `Data: ${megabytes(stats.dataSize)}, on disk ${megabytes(stats.storageSize)}; indexes: ${megabytes(stats.indexSize)}.`,
    `Memory of this process at most: ${memory}. The password of all users is ${PASSWORD}.`,
  ].join('\n');
}

keepHeapSmall();
try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof NotFilled ? error.message : (operatorSentence(error) ?? error));
  process.exitCode = 1;
}
