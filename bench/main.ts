import { Command, InvalidArgumentError } from 'commander';
import { createCleanUps } from './clean-up.ts';
import { benchProvider } from './provider.ts';
import { people } from './sample.ts';

interface Options {
  rounds: number;
  seconds: number;
  operations?: number;
  concurrency: number;
  only?: string[];
  json?: string;
  cpuProfile?: string;
}

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
  .option('--cpu-profile <folder>', 'write a CPU profile of each server into a folder')
  .action(({ rounds, seconds, operations, concurrency, only, json, cpuProfile }: Options) =>
    benchProvider(
      { effort: { rounds, length: operations ? { operations } : { seconds }, concurrency }, only, json, cpuProfile },
      cleanUps,
    ),
  );

function whole(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function positive(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= 3600) return number;
  throw new InvalidArgumentError('It must be a number of seconds above 0.');
}

try {
  await program.parseAsync();
} catch (error) {
  if (!cleanUps.isRunning()) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await cleanUps.run();
}
