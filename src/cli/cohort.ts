#!/usr/bin/env node
import { access, constants } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig, processEnvironment } from '../../config/load.ts';
import { buildHouse, type House } from '../app/app.ts';
import { createLog } from '../platform/http/log.ts';
import { layFoundation, operatorSentence } from '../app/process-setup.ts';
import { readConfig } from '../app/reload.ts';
import { onEndOfNpm } from '../app/stop-signals.ts';
import { version } from '../platform/version.ts';
import { FORMATS, TRANSFER_TYPES } from '../administration/import-export/row.ts';
import { bootstrap, type BootstrapOptions } from './bootstrap.ts';
import { exportCommand, type ExportCommand } from './export.ts';
import { importCommand, type ImportCommand } from './import.ts';
import { keepHeapSmall } from './small-heap.ts';

/** Runs `work` in a house that serves nobody; beside a running Cohort it joins that one's database. */
async function inHouse(work: (house: House) => Promise<unknown>): Promise<void> {
  onEndOfNpm(processEnvironment(), () => process.kill(process.pid, 'SIGTERM'));
  const config = loadConfig(processEnvironment());
  const { server, sealingKeys } = await layFoundation(config, processEnvironment(), (line) => console.error(line));
  try {
    const [environment, log, { uri }] = [processEnvironment(), createLog('error'), server];
    const house = await buildHouse({
      config: await readConfig({ environment, uri, log }),
      ...{ environment, uri, sealingKeys, log },
    });
    try {
      await house.start({ withChores: false });
      const result = await work(house);
      if (result !== undefined) console.log(JSON.stringify(result, null, 2));
    } finally {
      await house.stop();
    }
  } finally {
    await server.stop();
  }
}

const MOST_HOURS = 24 * 365;

/** For how long something is good; never for ever. */
function wholeHours(text: string): number {
  const hours = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > MOST_HOURS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_HOURS}.`);
  return hours;
}

const program = new Command('cohort')
  .description('Cohort from the command line. Settings come from the environment, as for npm start.')
  .version(version);

program
  .command('start')
  .description('start Cohort, as npm start does')
  .action(async () => void (await import('../main.ts')));

program
  .command('bootstrap')
  .description(
    'make the first owner, or a link to set one up, and optionally a service; prints what was made as JSON, this once',
  )
  .option('--owner-email <address>', 'make this owner; without it a one-time link is printed')
  .option('--owner-password-file <file>', 'a file that holds the password of the owner')
  .option('--service <name>', 'also make a service for the admin API')
  .option('--client-id <id>', 'the client id of that service; made up when left out')
  .option('--scopes <scopes>', 'the scopes of that service with spaces between, or "all"', 'all')
  .action((options: BootstrapOptions) => inHouse((house) => bootstrap(house, options)));

program
  .command('registration-token')
  .description('print a token with which applications may register themselves (RFC 7591)')
  .option('--hours <number>', 'how long it is valid', wholeHours, 24)
  .action(({ hours }: { hours: number }) =>
    inHouse(async (house) => ({
      initial_access_token: await house.makeRegistrationToken(hours * 3600),
      expires_in: hours * 3600,
    })),
  );

program
  .command('import <file>')
  .description('import users, groups, roles or applications from a file, or from - which is the standard input')
  .addOption(new Option('--type <type>', 'what the file holds; seen from its columns or name').choices(TRANSFER_TYPES))
  .addOption(new Option('--format <format>', 'seen from the name of the file').choices(FORMATS))
  .option('--dry-run', 'write nothing, and say what would be done')
  .addOption(
    new Option('--memberships <how>', 'what becomes of groups that a row does not name')
      .choices(['add', 'replace'])
      .default('add'),
  )
  .option('--create-groups', 'make groups that a row names and that are not there')
  .option('--faults <file>', 'write every faulty row to this file, as JSON Lines')
  .action(async (file: string, options: ImportCommand) => {
    keepHeapSmall();
    // Before a database is started for it.
    if (file !== '-') await access(file, constants.R_OK);
    await inHouse((house) => importCommand(house, file, options));
  });

program
  .command('export <file>')
  .description('export users, groups, roles or applications to a file, or to - which is the standard output')
  .addOption(new Option('--type <type>', 'what to export').choices(TRANSFER_TYPES).makeOptionMandatory())
  .addOption(new Option('--format <format>', 'seen from the name of the file, or jsonl').choices(FORMATS))
  .option('--with-secrets', 'with password hashes and client secrets: guard the file like the database')
  .action((file: string, options: ExportCommand) => {
    keepHeapSmall();
    return inHouse((house) => exportCommand(house, file, options));
  });

const keys = program.command('keys').description('signing and cookie keys');
keys
  .command('rotate')
  .description('replace all keys now; the old ones verify until the overlap is over')
  .action(() => inHouse((house) => house.keys.rotate()));
keys
  .command('list')
  .description('show the public keys, the one that signs first')
  .action(() =>
    inHouse(async (house) => {
      const { jwks } = await house.keys.current();
      return jwks.keys.map(({ kid, alg }) => ({ kid, alg }));
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  console.error(operatorSentence(error) ?? error);
  process.exitCode = 1;
}
