import type { z } from 'zod';
import { lookSettings } from './look-settings.ts';
import { profileSettings } from './profile-settings.ts';
import { protocolSettings } from './protocol-settings.ts';
import { secondFactorSettings } from './second-factor-settings.ts';
import { setting, type Setting } from './setting.ts';
import { onboardingSettings } from './onboarding-settings.ts';
import {
  decimal,
  issuer,
  oneOf,
  onOff,
  encryptionKeys,
  sender,
  smtpServer,
  text,
  trustedProxies,
  whole,
} from './shapes.ts';

/** Every setting there is, in the order in which `.env.example` lists them. */
export const settings = {
  issuer: setting(
    'COHORT_ISSUER',
    issuer,
    'http://localhost:3000',
    'Public URL of this Cohort, as applications know it.',
  ),
  host: setting('COHORT_HOST', text, '127.0.0.1', 'Address to listen on. Use 0.0.0.0 in a container.'),
  port: setting('COHORT_PORT', whole(0, 65535), '3000', 'Port to listen on. 0 picks a free one.'),
  workers: setting('COHORT_WORKERS', whole(1, 128), '1', 'Number of processes that share the port.'),
  trustedProxies: setting(
    'COHORT_TRUSTED_PROXIES',
    trustedProxies,
    '0',
    'Number of proxies in front that are trusted for X-Forwarded-For and X-Forwarded-Proto.',
  ),
  shutdownSeconds: setting(
    'COHORT_SHUTDOWN_GRACE_SECONDS',
    whole(0, 300),
    '20',
    'Time for requests in progress to finish when Cohort stops, in seconds.',
  ),

  mongodbUri: setting(
    'MONGODB_URI',
    text
      .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
      .describe('a MongoDB connection string')
      .optional(),
    undefined,
    'MongoDB replica set. If not set, Cohort starts an embedded server on loopback, for evaluation.',
    { secret: true },
  ),
  mongodBinary: setting(
    'MONGOD_BINARY',
    text.optional(),
    undefined,
    'mongod to start if MONGODB_URI is not set. Default: the one on the PATH, else one that is downloaded once.',
  ),
  databaseName: setting(
    'COHORT_DATABASE',
    text
      .regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, _ or -')
      .describe('1 to 60 letters, digits, `_` or `-`'),
    'cohort',
    'Name of the database.',
  ),
  dataDir: setting(
    'COHORT_DATA_DIR',
    text,
    './data',
    'Folder for the data of the embedded database and for the encryption key that is created at the first start.',
  ),
  databaseCacheGb: setting(
    'COHORT_DATABASE_CACHE_GB',
    decimal(0.25, 10_000),
    '0.5',
    'Memory of the embedded database for data and indexes, in GiB.',
  ),
  cacheDir: setting(
    'COHORT_CACHE_DIR',
    text.optional(),
    undefined,
    'Folder for a downloaded mongod and compiled code. Default: ~/.cache/cohort.',
  ),
  encryptionKeys: setting(
    'COHORT_ENCRYPTION_KEYS',
    encryptionKeys.optional(),
    undefined,
    'Keys that encrypt secrets in the database (32 bytes each), newest first. Required with MONGODB_URI, else created at the first start.',
    { secret: true },
  ),

  ownerEmail: setting(
    'COHORT_OWNER_EMAIL',
    text.optional(),
    undefined,
    'Email address of the first owner, created when Cohort starts on an empty database.',
  ),
  ownerPassword: setting('COHORT_OWNER_PASSWORD', text.optional(), undefined, 'Password of the first owner.', {
    secret: true,
  }),

  ...protocolSettings,

  argon2MemoryKib: setting(
    'COHORT_ARGON2_MEMORY_KIB',
    whole(1024, 4194304),
    '19456',
    'Memory of an argon2id hash, in KiB.',
  ),
  argon2Passes: setting('COHORT_ARGON2_PASSES', whole(2, 100), '2', 'Passes of an argon2id hash.'),
  signInAttempts: setting(
    'COHORT_SIGN_IN_ATTEMPTS',
    whole(1, 100000),
    '10',
    'Failed sign-ins in a row per account before backoff starts (5 seconds, doubling, up to 15 minutes). Known devices are counted separately.',
    { changeable: true },
  ),
  signInAttemptsByAddress: setting(
    'COHORT_SIGN_IN_ATTEMPTS_PER_IP',
    whole(1, 1000000),
    '100',
    'Failed sign-ins per IP address in 15 minutes before it is limited.',
  ),

  ...profileSettings,
  ...onboardingSettings,
  ...secondFactorSettings,
  ...lookSettings,

  smtpServer: setting(
    'COHORT_SMTP_URL',
    smtpServer.optional(),
    undefined,
    'Mail server, such as smtp://user:password@host:587. Without one, emails stay in a development mailbox.',
    { secret: true },
  ),
  smtpTls: setting(
    'COHORT_SMTP_TLS',
    oneOf('require', 'opportunistic', 'auto'),
    'auto',
    'Whether emails may be sent without TLS if the mail server does not offer it. `auto` requires TLS unless the server is on loopback.',
  ),
  mailFrom: setting('COHORT_MAIL_FROM', sender, 'Cohort <no-reply@localhost>', 'Sender of emails.', {
    changeable: true,
  }),

  apiRequestsPerMinute: setting(
    'COHORT_API_REQUESTS_PER_MINUTE',
    whole(1, 10_000_000),
    '6000',
    'Admin API requests per service and minute.',
  ),
  requireIfMatch: setting(
    'COHORT_REQUIRE_IF_MATCH',
    onOff,
    'off',
    'Whether changes through the admin API require If-Match.',
  ),

  logLevel: setting(
    'COHORT_LOG_LEVEL',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'Lowest level that is logged.',
  ),
  metricsToken: setting(
    'COHORT_METRICS_TOKEN',
    text.min(16, 'must have 16 characters or more').describe('16 characters or more').optional(),
    undefined,
    'Bearer token for /metrics. Without one, /metrics answers only on loopback.',
    { secret: true },
  ),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The whole configuration: one value for each setting, frozen. */
export type Config = Readonly<{ [Name in SettingName]: z.output<(typeof settings)[Name]['shape']> }>;
