import type { CleanUps } from '../clean-up.ts';
import { alternate } from '../comparison.ts';
import { showProgress } from '../progress-line.ts';
import { machineFacts } from '../machine.ts';
import { introductionOf, printedSection, writeFiles, type Files, type Section } from '../publication.ts';
import { consoleOperations } from './console.ts';
import { openDatabases, type Database, type Databases, type DatabasesOptions } from './databases.ts';
import { createDraws } from './draws.ts';
import { listOperations } from './lists.ts';
import { measureManyMembers } from './many-members.ts';
import type { ScaleOperation } from './operation.ts';
import { readOperations } from './reads.ts';
import { introduceScaleRun, toScaleRow, toScaleSection, type ScaleComparison, type ScaleRow } from './report.ts';
import { searchOperations } from './searches.ts';
import { tokenOperations } from './tokens.ts';
import { writeOperations } from './writes.ts';

export interface ScaleBenchOptions extends DatabasesOptions, Files {
  rounds: number;
  seconds: number;
  /** Beginnings of names of operations; all of them when undefined. */
  only: string[] | undefined;
}

const operations = [
  ...readOperations,
  ...listOperations,
  ...searchOperations,
  ...consoleOperations,
  ...tokenOperations,
  ...writeOperations,
];

/** What is measured once, at the large database alone. */
const MANY_MEMBERS = 'many members';

/** Compares the same requests on a small and on a large database, and prints the table. @throws WrongAnswer */
export async function benchScale(options: ScaleBenchOptions, cleanUps: CleanUps): Promise<void> {
  const { wanted, withManyMembers } = choose(options.only);
  const machine = machineFacts();
  const databases = await openDatabases(options, cleanUps);
  const introduction = introduceScaleRun(machine, databases, options);
  console.log(`${introductionOf(introduction)}\n`);
  const rows = await compareAll(wanted, databases, options);
  const sections: Section[] = rows.length > 0 ? [toScaleSection(rows)] : [];
  const lines = withManyMembers ? await measureManyMembers(databases.large) : [];
  if (lines.length > 0) sections.push({ title: 'Many members, in the large database', notes: lines });
  console.log(sections.map(printedSection).join('\n\n'));
  await writeFiles({ ...introduction, sections }, { machine, rows, lines }, options);
}

async function compareAll(
  wanted: ScaleOperation[],
  databases: Databases,
  options: ScaleBenchOptions,
): Promise<ScaleRow[]> {
  const rows: ScaleRow[] = [];
  for (const operation of wanted) {
    rows.push(toScaleRow(await compareSizes(operation, databases, options)));
    showProgress(`${rows.length} of ${wanted.length} operations done`);
  }
  showProgress('');
  return rows;
}

function choose(only: string[] | undefined): { wanted: ScaleOperation[]; withManyMembers: boolean } {
  if (!only) return { wanted: operations, withManyMembers: true };
  const isWanted = (name: string) => only.some((beginning) => name.startsWith(beginning));
  const wanted = operations.filter(({ name }) => isWanted(name));
  const withManyMembers = isWanted(MANY_MEMBERS);
  if (wanted.length > 0 || withManyMembers) return { wanted, withManyMembers };
  const known = [...operations.map(({ name, about }) => `  ${name.padEnd(32)} ${about}`), `  ${MANY_MEMBERS}`].join(
    '\n',
  );
  throw new Error(`No operation has a name that begins so. There are:\n${known}`);
}

async function compareSizes(
  operation: ScaleOperation,
  { small, large }: Databases,
  { rounds, seconds }: ScaleBenchOptions,
): Promise<ScaleComparison> {
  const side = async ({ server, http, product, api, shape }: Database) => {
    const draws = createDraws(shape, operations.indexOf(operation));
    return { server, workers: [await operation.begin({ http, product, api, shape, draws })] };
  };
  const sides = [await side(small), await side(large)] as const;
  const [ofSmall = [], ofLarge = []] = await alternate(sides, { rounds, length: { seconds } });
  return { operation, small: ofSmall, large: ofLarge };
}
