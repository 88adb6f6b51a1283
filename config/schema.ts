import { z } from 'zod';
import { issuer, onOff, sealingKeys, seconds, sender, smtpServer, text, trustedProxies, whole } from './shapes.ts';

/** One setting: the environment variable that carries it, its shape, its default and what it is for. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  variable: string;
  /** Parses the string that the environment holds. */
  shape: T;
  /** What applies when the variable is not set; `undefined` means "none". */
  fallback: string | undefined;
  /** One sentence for `.env.example` and the README. */
  about: string;
  /** True when the value may come from a file named by `<variable>_FILE`, and is never printed. */
  secret?: true;
}

function setting<T extends z.ZodType>(
  variable: string,
  shape: T,
  fallback: string | undefined,
  about: string,
  options: { secret?: true } = {},
): Setting<T> {
  return { variable, shape, fallback, about, ...options };
}

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

  accessTokenSeconds: setting('COHORT_ACCESS_TOKEN_SECONDS', seconds, '600', 'How long an access token lives.'),
  idTokenSeconds: setting('COHORT_ID_TOKEN_SECONDS', seconds, '3600', 'How long an ID token lives.'),
  codeSeconds: setting('COHORT_CODE_SECONDS', whole(10, 600), '60', 'How long an authorization code lives.'),
  refreshTokenSeconds: setting(
    'COHORT_REFRESH_TOKEN_SECONDS',
    seconds,
    '1209600',
    'How long a refresh token lives without being used.',
  ),
  sessionSeconds: setting(
    'COHORT_SESSION_SECONDS',
    seconds,
    '1209600',
    'How long a sign-in session lives without being used.',
  ),
  interactionSeconds: setting(
    'COHORT_INTERACTION_SECONDS',
    whole(60, 86400),
    '3600',
    'How long a person may take over the sign-in pages.',
  ),

  clientCredentials: setting(
    'COHORT_CLIENT_CREDENTIALS',
    onOff,
    'on',
    'Grant type client_credentials; the admin API needs it.',
  ),
  deviceFlow: setting('COHORT_DEVICE_FLOW', onOff, 'on', 'The device authorization grant (RFC 8628).'),
  pushedRequests: setting('COHORT_PUSHED_REQUESTS', onOff, 'on', 'Pushed authorization requests (RFC 9126).'),
  dpop: setting('COHORT_DPOP', onOff, 'on', 'DPoP-bound tokens (RFC 9449).'),
  requestObjects: setting('COHORT_REQUEST_OBJECTS', onOff, 'on', 'Signed request objects (RFC 9101).'),
  jwtResponses: setting('COHORT_JWT_RESPONSES', onOff, 'on', 'Signed authorization responses (JARM).'),
  introspection: setting('COHORT_INTROSPECTION', onOff, 'on', 'Token introspection (RFC 7662).'),
  revocation: setting('COHORT_REVOCATION', onOff, 'on', 'Token revocation (RFC 7009).'),
  backchannelLogout: setting('COHORT_BACKCHANNEL_LOGOUT', onOff, 'on', 'OpenID Connect back-channel logout.'),
  registration: setting(
    'COHORT_REGISTRATION',
    onOff,
    'on',
    'Dynamic client registration (RFC 7591), behind an initial access token made by `cohort registration-token`.',
  ),
  resources: setting(
    'COHORT_RESOURCES',
    z
      .string()
      .transform((value) => value.split(/\s+/).filter(Boolean))
      .pipe(z.array(z.url({ error: 'must be absolute addresses with spaces between' }))),
    '',
    'APIs that applications may ask access tokens for with `resource` (RFC 8707), absolute addresses with spaces between.',
  ),
  resourceScopes: setting(
    'COHORT_RESOURCE_SCOPES',
    z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E ]*$/, 'must be scopes with spaces between'),
    'api:read api:write',
    'The scopes that those APIs understand.',
  ),
  privateAddresses: setting(
    'COHORT_PRIVATE_ADDRESSES',
    z.enum(['allow', 'refuse', 'auto'], { error: "must be 'allow', 'refuse' or 'auto'" }),
    'auto',
    'Whether jwks_uri, logout and sector addresses may point into private networks; auto allows it when the issuer is a loopback address.',
  ),

  keyRotationDays: setting(
    'COHORT_KEY_ROTATION_DAYS',
    whole(1, 3650),
    '90',
    'Age at which signing and cookie keys are replaced.',
  ),
  keyOverlapDays: setting(
    'COHORT_KEY_OVERLAP_DAYS',
    whole(1, 365),
    '7',
    'How long a replaced key still verifies, and a new one is published before it signs at most.',
  ),

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
    'Failed sign-ins for one account in 15 minutes before it has to wait.',
  ),
  signInAttemptsByAddress: setting(
    'COHORT_SIGN_IN_ATTEMPTS_BY_ADDRESS',
    whole(1, 1000000),
    '100',
    'Failed sign-ins from one network address in 15 minutes before it has to wait.',
  ),

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
  mailFrom: setting('COHORT_MAIL_FROM', sender, 'Cohort <no-reply@localhost>', 'Who letters are from.'),

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
