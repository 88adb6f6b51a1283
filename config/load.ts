import { readFileSync } from 'node:fs';
import type { Environment } from './environment.js';
import { settings, type Config, type SettingName } from './schema.ts';
import type { Setting } from './setting.ts';

export { processEnvironment, type Environment } from './environment.js';

/** Thrown with every fault of the environment at once, one line each. */
export class ConfigurationFaulty extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : 'faults'}:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'ConfigurationFaulty';
    this.faults = faults;
  }
}

/** Settings by variable that an administrator has made, as the environment would hold them. */
export type StoredSettings = Readonly<Record<string, string>>;

/**
 * Reads every setting from the environment (a secret also from the file that `<NAME>_FILE` names), those that are not there
 * from what an administrator has stored, checks them, and returns one frozen object. What is stored and not valid any more,
 * as after an upgrade, counts as not stored: it must not keep Cohort from starting.
 * @throws ConfigurationFaulty listing all faults, never only the first.
 */
export function loadConfig(environment: Environment, stored: StoredSettings = {}): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const raw = rawValue(setting, environment, faults) ?? usable(setting, stored) ?? setting.fallback;
    if (raw === undefined) continue;
    const parsed = setting.shape.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(...parsed.error.issues.map((issue) => `${setting.variable} ${issue.message}`));
  }
  faults.push(...unknownVariables(environment));
  if (faults.length === 0) faults.push(...contradictions(values as Config));
  if (faults.length > 0) throw new ConfigurationFaulty(faults);
  return Object.freeze(values) as Config;
}

function rawValue(setting: Setting, environment: Environment, faults: string[]): string | undefined {
  const direct = environment[setting.variable];
  const file = setting.secret ? environment[`${setting.variable}_FILE`] : undefined;
  if (direct && file)
    faults.push(`${setting.variable} and ${setting.variable}_FILE are both set; set only one of them`);
  if (direct) return direct;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    faults.push(`${setting.variable}_FILE names a file that cannot be read: ${file}`);
    return undefined;
  }
}

/** What is stored of a setting, if it may be and still does. */
export function usable({ variable, shape, changeable }: Setting, stored: StoredSettings): string | undefined {
  const text = stored[variable];
  return changeable && text !== undefined && shape.safeParse(text).success ? text : undefined;
}

// A misspelled setting must not be ignored silently: the operator would believe that it applies.
function unknownVariables(environment: Environment): string[] {
  const known = new Set(
    Object.values(settings).flatMap((s: Setting) => (s.secret ? [s.variable, `${s.variable}_FILE`] : [s.variable])),
  );
  return Object.keys(environment)
    .filter((name) => name.startsWith('COHORT_') && !name.startsWith('COHORT_TEST_') && !known.has(name))
    .map((name) => `${name} is not a setting of Cohort`);
}

function contradictions(config: Config): string[] {
  const faults: string[] = [];
  if (config.mongodbUri && !config.encryptionKeys) {
    faults.push(
      'COHORT_ENCRYPTION_KEYS must be set with MONGODB_URI, so that every node encrypts with the same key (make one with: echo "k1:$(openssl rand -base64 32)")',
    );
  }
  if (Boolean(config.ownerEmail) !== Boolean(config.ownerPassword)) {
    faults.push('COHORT_OWNER_EMAIL and COHORT_OWNER_PASSWORD (or COHORT_OWNER_PASSWORD_FILE) must be set together');
  }
  if (config.clientCertificateHeader && config.trustedProxies === 0) {
    faults.push('COHORT_TRUSTED_PROXIES must be set with COHORT_CLIENT_CERTIFICATE_HEADER, whose proxy is trusted');
  }
  if (config.clientCertificateVerifiedHeader && !config.clientCertificateHeader) {
    faults.push('COHORT_CLIENT_CERTIFICATE_HEADER must be set with COHORT_CLIENT_CERTIFICATE_VERIFIED_HEADER');
  }
  if (config.clientCertificateOrigin && !config.clientCertificateHeader) {
    faults.push('COHORT_CLIENT_CERTIFICATE_HEADER must be set with COHORT_CLIENT_CERTIFICATE_ORIGIN');
  }
  return faults;
}
