import { access, constants } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig, processEnvironment } from '../../config/load.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../config/protocol-settings.ts';
import { createApp, type App } from '../app/app.ts';
import { createLog } from '../platform/http/log.ts';
import { layFoundation, operatorSentence } from '../app/process-setup.ts';
import { readConfig } from '../app/reload.ts';
import { onEndOfNpm } from '../app/stop-signals.ts';
import { version } from '../platform/version.ts';
import { TEXT_ENCODINGS } from '../platform/text-encodings.ts';
import { FORMATS, RECORD_TYPES } from '../administration/import-export/row.ts';
import { bootstrap, type BootstrapOptions } from './bootstrap.ts';
import { exportCommand, type ExportCommand } from './export.ts';
import { importCommand, type ImportCommand } from './import.ts';
import { keepHeapSmall } from './small-heap.ts';

/** Runs `work` in an app that serves no requests. Next to a running Cohort, it uses that one's database. */
async function inApp(work: (app: App) => Promise<unknown>): Promise<void> {
  onEndOfNpm(processEnvironment(), () => process.kill(process.pid, 'SIGTERM'));
  const config = loadConfig(processEnvironment());
  const { server, encryptionKeys } = await layFoundation(config, processEnvironment(), (line) => console.error(line));
  try {
    const environment = processEnvironment();
    // Standard output is for what a command prints, such as JSON or an exported file.
    const log = createLog('error', { destination: process.stderr });
    const { uri } = server;
    const app = await createApp({
      config: await readConfig({ environment, uri }),
      environment,
      uri,
      encryptionKeys,
      log,
    });
    try {
      await app.start({ withTasks: false });
      const result = await work(app);
      if (result !== undefined) console.log(JSON.stringify(result, null, 2));
    } finally {
      await app.stop();
    }
  } finally {
    await server.stop();
  }
}

const MOST_HOURS = 24 * 365;

/** A lifetime in hours; never unlimited. */
function wholeHours(text: string): number {
  const hours = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > MOST_HOURS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_HOURS}.`);
  return hours;
}

const program = new Command('cohort')
  .description('Cohort on the command line. Reads the same environment variables as npm start.')
  .version(version);

program
  .command('start')
  .description('start Cohort, as npm start does')
  .action(async () => void (await import('../app/start.ts')));

program
  .command('bootstrap')
  .description(
    'create the first owner, or a link for setting one up, and optionally a service; prints them as JSON, only once',
  )
  .option('--owner-email <address>', 'create this owner; without it, a one-time link is printed')
  .option('--owner-password-file <file>', 'file with the password of the owner')
  .option('--service <name>', 'also create a service for the admin API')
  .option('--client-id <id>', 'client ID of the service; generated if omitted')
  .option('--scopes <scopes>', 'scopes of the service, separated by spaces, or "all"', 'all')
  .action((options: BootstrapOptions) => inApp((app) => bootstrap(app, options)));

program
  .command('registration-token')
  .description('print an initial access token for dynamic client registration (RFC 7591)')
  .option('--hours <number>', 'lifetime of the token', wholeHours, 24)
  .action(({ hours }: { hours: number }) =>
    inApp(async (app) => ({
      initial_access_token: await app.makeRegistrationToken(hours * 3600),
      expires_in: hours * 3600,
    })),
  );

program
  .command('import <file>')
  .description('import users, groups, roles or applications from a file, or from standard input with -')
  .addOption(
    new Option('--type <type>', 'type of the records; detected from the columns or the file name if omitted').choices(
      RECORD_TYPES,
    ),
  )
  .addOption(
    new Option('--format <format>', 'format of the file; detected from the file name if omitted').choices(FORMATS),
  )
  .addOption(
    new Option(
      '--encoding <name>',
      'encoding of the file; UTF-8, and UTF-16 with a byte order mark, are recognized if omitted',
    ).choices(TEXT_ENCODINGS),
  )
  .option('--dry-run', 'check the file without writing anything')
  .addOption(
    new Option(
      '--memberships <how>',
      'whether to keep memberships that a row does not list (add) or remove them (replace)',
    )
      .choices(['add', 'replace'])
      .default('add'),
  )
  .option('--create-groups', 'create groups that a row lists and that do not exist')
  .option('--rename-groups', 'name a group after its parent group if another group has its name')
  .option('--faults <file>', 'write all faulty rows to this file, as JSON Lines')
  .action(async (file: string, options: ImportCommand) => {
    keepHeapSmall();
    // Before a database is started for it.
    if (file !== '-') await access(file, constants.R_OK);
    await inApp((app) => importCommand(app, file, options));
  });

program
  .command('export <file>')
  .description('export users, groups, roles or applications to a file, or to standard output with -')
  .addOption(new Option('--type <type>', 'type of the records').choices(RECORD_TYPES).makeOptionMandatory())
  .addOption(
    new Option('--format <format>', 'format of the file; detected from the file name if omitted, else jsonl').choices(
      FORMATS,
    ),
  )
  .option('--with-secrets', 'include password hashes and client secrets; protect the file like the database')
  .action((file: string, options: ExportCommand) => {
    keepHeapSmall();
    return inApp((app) => exportCommand(app, file, options));
  });

const keys = program.command('keys').description('signing and cookie keys');
keys
  .command('rotate')
  .description('rotate keys now; old keys stay valid during the overlap period')
  .addOption(new Option('--algorithm <algorithm>', 'only the keys of this algorithm').choices(SIGNING_ALGORITHMS))
  .action(({ algorithm }: { algorithm?: SigningAlgorithm }) => inApp((app) => app.keys.rotate(algorithm)));
keys
  .command('list')
  .description('list the public keys; the first one signs')
  .action(() =>
    inApp(async (app) => {
      const { jwks } = await app.keys.current();
      return jwks.keys.map(({ kid, alg }) => ({ kid, alg }));
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  console.error(operatorSentence(error) ?? error);
  process.exitCode = 1;
}
