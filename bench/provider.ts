import type { CleanUps } from './clean-up.ts';
import { compare, type Comparison, type Contest, type Effort } from './comparison.ts';
import { useKeycloak, type KeycloakOptions } from './keycloak/server.ts';
import { describeMachine, machineFacts } from './machine.ts';
import { operations } from './operations/all.ts';
import { groupsInWords, manyGroups } from './operations/many-groups.ts';
import type { Operation } from './operations/operation.ts';
import { showProgress } from './progress-line.ts';
import { introductionOf, printedSection, writeFiles, type Files, type Report, type Section } from './publication.ts';
import { figuresOf, toComparisonTable, toDetailsTable } from './report.ts';
import { NUMBERS_OF_GROUPS } from './sample.ts';
import type { Server } from './servers.ts';
import { startBare, startCohort, startPlainMongodb } from './starts.ts';

export interface ProviderBenchOptions extends Files {
  effort: Effort;
  /** Names of operations; all of them when undefined. */
  only: string[] | undefined;
  /** A folder for a CPU profile of each server. */
  cpuProfile: string | undefined;
  /** Adds the bare provider on a MongoDB. */
  withPlainMongodb: boolean;
  keycloak: KeycloakOptions | undefined;
}

const MANY_GROUPS = 'many groups';

/** Compares Cohort with a bare provider and others, operation by operation, and prints the tables. @throws WrongAnswer */
export async function benchProvider(options: ProviderBenchOptions, cleanUps: CleanUps): Promise<void> {
  assertKnown(options.only);
  const machine = machineFacts();
  const servers = await startServers(options, cleanUps);
  const introduction = {
    title: 'Cohort on MongoDB, compared with a bare oidc-provider in memory',
    facts: [
      describeMachine(machine),
      `Node ${machine.node}, oidc-provider ${machine.provider}`,
      ...servers.map(({ name, ready }) => `${name}: ${ready.about}`),
      describeEffort(options.effort),
    ],
  };
  console.log(`${introductionOf(introduction)}\n`);
  const isWanted = (name: string) => options.only?.includes(name) ?? true;
  const compared = await compareAll(contestsOf(servers, isWanted), options.effort);
  const series = await compareAll(isWanted(MANY_GROUPS) ? seriesAt(servers) : [], options.effort);
  const report: Report = { ...introduction, sections: sectionsOf(compared, series) };
  console.log(report.sections.map(printedSection).join('\n\n'));
  const figures = [...compared, ...series].flatMap(figuresOf);
  await writeFiles(report, { machine, effort: options.effort, figures, rounds: [...compared, ...series] }, options);
}

function assertKnown(only: string[] | undefined): void {
  const names = [...operations.map(({ name }) => name), MANY_GROUPS];
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length === 0) return;
  const known = operations.map(({ name, about }) => `  ${name.padEnd(24)} ${about}`);
  known.push(`  ${MANY_GROUPS.padEnd(24)} userinfo and refresh of users in many groups`);
  throw new Error(`There is no operation named ${unknown.join(', ')}. There are:\n${known.join('\n')}`);
}

async function startServers(options: ProviderBenchOptions, cleanUps: CleanUps): Promise<Server[]> {
  const { cpuProfile: profileIn, withPlainMongodb, keycloak } = options;
  const servers: Server[] = [await startBare({ cleanUps, profileIn })];
  if (withPlainMongodb) servers.push(await startPlainMongodb({ cleanUps, profileIn }));
  servers.push(await startCohort({ cleanUps, profileIn }));
  if (keycloak) servers.push(await useKeycloak(keycloak, cleanUps));
  return servers;
}

/** Each operation at all servers that have it. */
function contestsOf(servers: Server[], isWanted: (name: string) => boolean): Contest[] {
  return operations
    .filter(({ name }) => isWanted(name))
    .map((operation) => ({
      name: operation.name,
      entries: servers
        .filter((server) => has(server, operation))
        .map((server) => ({ label: server.name, server, operation })),
    }));
}

const has = ({ product }: Server, { needs }: Operation): boolean => !needs || product.features.includes(needs);

/** Each series at the server that has it: users instead of servers are compared. */
function seriesAt(servers: Server[]): Contest[] {
  return manyGroups.flatMap((series) =>
    servers
      .filter((server) => has(server, series.operations[0]!))
      .map((server) => ({
        name: series.name,
        entries: series.operations.map((operation, index) => ({
          label: groupsInWords(NUMBERS_OF_GROUPS[index]!),
          server,
          operation,
        })),
      })),
  );
}

async function compareAll(contests: Contest[], effort: Effort): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const contest of contests) {
    comparisons.push(await compare(contest, effort));
    showProgress(`${comparisons.length} of ${contests.length} operations done`);
  }
  showProgress('');
  return comparisons;
}

function describeEffort({ rounds, length, concurrency }: Effort): string {
  const each = length.operations === undefined ? `${length.seconds ?? 0} s` : `${length.operations} operations`;
  return `Rounds at each server in turns: ${rounds} of ${each}, ${concurrency} operations at a time`;
}

const RATIOS =
  'Ratios of median times, how far pairs of neighboring rounds spread, and ratios of the processor time of the server.';

/** Of the operations that this server is the first to have. */
function comparedWith(base: string, comparisons: Comparison[]): Section {
  const concerned = comparisons.filter(({ entries }) => entries[0]?.label === base);
  return { title: `Compared with ${base}`, table: toComparisonTable(concerned), notes: [RATIOS] };
}

function sectionsOf(compared: Comparison[], series: Comparison[]): Section[] {
  const sections: Section[] = [
    comparedWith('bare', compared),
    comparedWith('cohort', compared),
    { title: 'Users in many groups', table: toComparisonTable(series), notes: [RATIOS] },
    {
      title: 'Details',
      table: toDetailsTable([...compared, ...series].flatMap(figuresOf)),
      notes: [
        'cpu ms, db cpu ms, db commands: of the server and its database, for one operation.',
        'MB, peak MB: resident memory of the server after a round, and the most since it was started.',
      ],
    },
  ];
  return sections.filter(({ table }) => table!.rows.length > 0);
}
