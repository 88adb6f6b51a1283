import { z } from 'zod';
import { lookSettings } from './look-settings.ts';
import { protocolSettings } from './protocol-settings.ts';
import { secondFactorSettings } from './second-factor-settings.ts';
import { setting, type Setting } from './setting.ts';
import { waysInSettings } from './ways-in-settings.ts';
import { decimal, issuer, onOff, sealingKeys, sender, smtpServer, text, trustedProxies, whole } from './shapes.ts';

/** Every setting there is, in the order in which `.env.example` lists them. */
export const settings = {
  issuer: setting(
    'COHORT_ISSUER',
    issuer,
    'http://localhost:3000',
    'The public address of this Cohort, as applications know it.',
  ),
  host: setting('COHORT_HOST', text, '127.0.0.1', 'The address to listen on; 0.0.0.0 in a container.'),
  port: setting('COHORT_PORT', whole(0, 65535), '3000', 'The port to listen on; 0 picks a free one.'),
  workers: setting('COHORT_WORKERS', whole(1, 128), '1', 'How many processes share the port.'),
  trustedProxies: setting(
    'COHORT_TRUSTED_PROXIES',
    trustedProxies,
    '0',
    'How many proxies in front are trusted for X-Forwarded-For and -Proto.',
  ),
  shutdownSeconds: setting(
    'COHORT_SHUTDOWN_SECONDS',
    whole(0, 300),
    '20',
    'How long requests in flight may take to finish when Cohort stops.',
  ),

  mongodbUri: setting(
    'MONGODB_URI',
    text.regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://').optional(),
    undefined,
    'The MongoDB replica set to use; when not set, Cohort starts one of its own on loopback.',
    { secret: true },
  ),
  mongodBinary: setting(
    'MONGOD_BINARY',
    text.optional(),
    undefined,
    'The mongod to start when MONGODB_URI is not set; otherwise the one on the PATH, or one that is fetched once.',
  ),
  databaseName: setting(
    'COHORT_DATABASE',
    text.regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, _ or -'),
    'cohort',
    'The name of the database.',
  ),
  dataDir: setting(
    'COHORT_DATA_DIR',
    text,
    './data',
    'Where the embedded database keeps its data, and the sealing key that is made at first start.',
  ),
  databaseCacheGb: setting(
    'COHORT_DATABASE_CACHE_GB',
    decimal(0.25, 10_000),
    '0.5',
    'Memory in which the embedded database keeps data and indexes, in GiB.',
  ),
  cacheDir: setting(
    'COHORT_CACHE_DIR',
    text.optional(),
    undefined,
    'Where a fetched mongod is kept; by default ~/.cache/cohort.',
  ),
  sealingKeys: setting(
    'COHORT_SEALING_KEYS',
    sealingKeys.optional(),
    undefined,
    'Keys that seal secrets in the database, as id:base64 of 32 bytes, newest first; required with MONGODB_URI, else made at first start.',
    { secret: true },
  ),

  ownerEmail: setting(
    'COHORT_OWNER_EMAIL',
    text.optional(),
    undefined,
    'The first owner, made at the first start on an empty database.',
  ),
  ownerPassword: setting('COHORT_OWNER_PASSWORD', text.optional(), undefined, 'The password of that first owner.', {
    secret: true,
  }),

  ...protocolSettings,

  argon2MemoryKib: setting(
    'COHORT_ARGON2_MEMORY_KIB',
    whole(1024, 4194304),
    '19456',
    'Memory of one argon2id hash, in KiB.',
  ),
  argon2Passes: setting('COHORT_ARGON2_PASSES', whole(2, 100), '2', 'Passes of one argon2id hash.'),
  signInAttempts: setting(
    'COHORT_SIGN_IN_ATTEMPTS',
    whole(1, 100000),
    '10',
    'Failed sign-ins in a row for one account, from unknown devices or from one known device, before each further one has to wait: from 5 seconds, doubling, to 15 minutes.',
    { changeable: true },
  ),
  signInAttemptsByAddress: setting(
    'COHORT_SIGN_IN_ATTEMPTS_BY_ADDRESS',
    whole(1, 1000000),
    '100',
    'Failed sign-ins from one network address in 15 minutes before it has to wait.',
  ),

  ...waysInSettings,
  ...secondFactorSettings,
  ...lookSettings,

  smtpServer: setting(
    'COHORT_SMTP_URL',
    smtpServer.optional(),
    undefined,
    'The mail server, as smtp://user:password@host:587 or smtps://…; without one, mail stays in a mailbox for development.',
    { secret: true },
  ),
  smtpTls: setting(
    'COHORT_SMTP_TLS',
    z.enum(['require', 'opportunistic', 'auto'], { error: "must be 'require', 'opportunistic' or 'auto'" }),
    'auto',
    'Whether mail may leave unencrypted when the mail server offers no TLS; auto requires TLS unless that server is on loopback.',
  ),
  mailFrom: setting('COHORT_MAIL_FROM', sender, 'Cohort <no-reply@localhost>', 'Who letters are from.', {
    changeable: true,
  }),

  apiRequestsPerMinute: setting(
    'COHORT_API_REQUESTS_PER_MINUTE',
    whole(1, 10_000_000),
    '6000',
    'How many requests to the admin API each service may make in a minute.',
  ),
  requireIfMatch: setting(
    'COHORT_REQUIRE_IF_MATCH',
    onOff,
    'off',
    'Whether changes through the admin API must say with If-Match which state they change.',
  ),

  logLevel: setting(
    'COHORT_LOG_LEVEL',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'The least important log line that is written.',
  ),
  metricsToken: setting(
    'COHORT_METRICS_TOKEN',
    text.min(16, 'must have 16 characters or more').optional(),
    undefined,
    'Bearer token for /metrics; without one, /metrics answers loopback only.',
    { secret: true },
  ),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The whole configuration: one value for each setting, frozen. */
export type Config = Readonly<{ [Name in SettingName]: z.output<(typeof settings)[Name]['shape']> }>;
