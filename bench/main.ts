import { Command, Option } from 'commander';
import { check } from './check.ts';
import { createCleanUps } from './clean-up.ts';
import type { Credentials } from './keycloak/admin.ts';
import { parseCredentials, positive, whole } from './options.ts';
import { benchProvider, type ProviderBenchOptions } from './provider.ts';
import { crowd, people } from './sample.ts';
import { benchSoak } from './soak/soak.ts';
import { benchStorm } from './storm/storm.ts';
import { benchScale, type ScaleBenchOptions } from './scale/scale.ts';

interface ProviderOptions {
  rounds: number;
  seconds: number;
  operations?: number;
  concurrency: number;
  only?: string[];
  json?: string;
  markdown?: string;
  cpuProfile?: string;
  plainMongodb?: true;
  keycloak?: string;
  keycloakAdmin: Credentials;
  keycloakPid?: number;
  keycloakDatabasePid?: number;
}

interface ScaleOptions {
  users: number;
  small: number;
  cache: number;
  dataDir?: string;
  rounds: number;
  seconds: number;
  only?: string[];
  json?: string;
  markdown?: string;
}

interface StormCommandOptions {
  signIns: number;
  seconds: number;
  json?: string;
  markdown?: string;
}

interface SoakCommandOptions {
  minutes: number;
  concurrency: number;
  json?: string;
  markdown?: string;
}

const PID = whole(1, 2 ** 22);
const PEOPLE = whole(1000, 100_000_000);

const cleanUps = createCleanUps();
const program = new Command('npm run bench --').description('Measures Cohort. Nothing fails for being slow.');

program
  .command('provider', { isDefault: true })
  .description('Cohort on MongoDB, compared with a bare oidc-provider in memory')
  .option('--rounds <number>', 'rounds at each server', whole(1, 1000), 5)
  .option('--seconds <number>', 'length of a round', positive, 0.5)
  .option('--operations <number>', 'length of a round in operations instead', whole(1, 1_000_000))
  .option('--concurrency <number>', 'operations under way at a time', whole(1, people.length), 8)
  .option('--only <names...>', 'these operations only')
  .option('--json <file>', 'write every figure to a file')
  .option('--markdown <file>', 'write the tables to a file')
  .option('--cpu-profile <folder>', 'write a CPU profile of each server into a folder')
  .option('--plain-mongodb', 'also oidc-provider on MongoDB with the adapter of its documentation')
  .option('--keycloak <url>', 'also a Keycloak that runs there; a realm is made in it and deleted afterwards')
  .addOption(
    new Option('--keycloak-admin <user:password>', 'an administrator of the realm master')
      .env('KEYCLOAK_BENCH_ADMIN')
      .default(parseCredentials('admin:admin'), 'admin:admin')
      .argParser(parseCredentials),
  )
  .option('--keycloak-pid <number>', 'its process, whose time is counted; found by its port on this machine', PID)
  .option('--keycloak-database-pid <number>', 'the process of its database, with all that it has forked', PID)
  .action((options: ProviderOptions) => benchProvider(toProviderBench(options), cleanUps));

program
  .command('check')
  .description('fails for wrong answers and for more database commands than an operation needs')
  .action(() => check(cleanUps));

program
  .command('scale')
  .description('the same requests on a small and on a large database')
  .option(
    '--users <number>',
    'users in the large one; groups a tenth, half of them in one big group',
    PEOPLE,
    1_000_000,
  )
  .option('--small <number>', 'users in the small one', PEOPLE, 10_000)
  .option('--data-dir <folder>', 'keep both in this folder, and use what an earlier run left there')
  .option('--cache <gibibytes>', 'the cache of either MongoDB', positive, 2)
  .option('--rounds <number>', 'rounds at each', whole(1, 1000), 5)
  .option('--seconds <number>', 'length of a round', positive, 0.25)
  .option('--only <names...>', 'operations whose names begin so, only')
  .option('--json <file>', 'write every figure to a file')
  .option('--markdown <file>', 'write the table to a file')
  .action((options: ScaleOptions) => benchScale(toScaleBench(options), cleanUps));

program
  .command('storm')
  .description('what applications notice while many users sign in at once')
  .option('--sign-ins <number>', 'users who sign in at the same time', whole(1, crowd.length), 300)
  .option('--seconds <number>', 'how long applications are measured alone', positive, 10)
  .option('--json <file>', 'write every figure to a file')
  .option('--markdown <file>', 'write the tables to a file')
  .action(({ signIns, seconds, json, markdown }: StormCommandOptions) =>
    benchStorm({ signIns, seconds, json, markdown }, cleanUps),
  );

program
  .command('soak')
  .description('one Cohort under a mixed load for a long time: what grows, and what is answered wrongly')
  .option('--minutes <number>', 'how long', positive, 30)
  .option('--concurrency <number>', 'users who are active at a time', whole(1, people.length), 6)
  .option('--json <file>', 'write every figure to a file')
  .option('--markdown <file>', 'write the tables to a file')
  .action(({ minutes, concurrency, json, markdown }: SoakCommandOptions) =>
    benchSoak({ minutes, concurrency, json, markdown }, cleanUps),
  );

function toProviderBench(options: ProviderOptions): ProviderBenchOptions {
  const { rounds, seconds, operations, concurrency, only, json, markdown, cpuProfile, plainMongodb } = options;
  const { keycloak: url, keycloakAdmin: admin, keycloakPid: pid, keycloakDatabasePid: databasePid } = options;
  return {
    effort: { rounds, length: operations ? { operations } : { seconds }, concurrency },
    only,
    json,
    markdown,
    cpuProfile,
    withPlainMongodb: plainMongodb === true,
    keycloak: url === undefined ? undefined : { url, admin, pid, databasePid },
  };
}

function toScaleBench(options: ScaleOptions): ScaleBenchOptions {
  const { users, small, cache: cacheGb, dataDir, rounds, seconds, only, json, markdown } = options;
  const sizes = { small: populationOf(small), large: populationOf(users) };
  return { ...sizes, cacheGb, dataDir, rounds, seconds, only, json, markdown };
}

function populationOf(users: number) {
  return { users, groups: Math.ceil(users / 10), perUser: 5, bigGroup: Math.floor(users / 2) };
}

try {
  await program.parseAsync();
} catch (error) {
  if (!cleanUps.isRunning()) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await cleanUps.run();
}
