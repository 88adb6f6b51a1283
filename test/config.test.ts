import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentExample, settingsPage } from '../config/example.ts';
import { loadConfig } from '../config/load.ts';

const faultsOf = (environment: Record<string, string>) => {
  try {
    loadConfig(environment);
  } catch (error) {
    return (error as { faults: string[] }).faults;
  }
  return [];
};
const key = Buffer.alloc(32).toString('base64');

describe('the configuration', () => {
  it('has a default for everything it needs', () => {
    expect(loadConfig({})).toMatchObject({
      issuer: 'http://localhost:3000',
      port: 3000,
      workers: 1,
      clientCredentials: true,
    });
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it('tells every fault at once', () => {
    const faults = faultsOf({
      COHORT_PORT: 'abc',
      COHORT_WORKERS: '0',
      COHORT_ISSUER: 'http://example.com',
      COHORT_LOG_LEVEL: 'loud',
    });
    expect(faults).toHaveLength(4);
    expect(faults).toContain('COHORT_ISSUER must use https unless the host is a loopback address');
  });

  it.each([
    ['COHORT_ISSUER', 'ftp://localhost'],
    ['COHORT_ISSUER', 'https://example.com/'],
    ['COHORT_ISSUER', 'https://example.com/auth/'],
    ['COHORT_ISSUER', 'https://example.com?a=1'],
    ['COHORT_ISSUER', 'https://example.com?'],
    ['COHORT_ISSUER', 'https://example.com#'],
    ['COHORT_ISSUER', 'https://ada@example.com'],
    ['COHORT_ISSUER', 'https://example.com.'],
    ['COHORT_ISSUER', 'https://example.com/a//b'],
    ['COHORT_ISSUER', 'https://example.com/a;b'],
    ['COHORT_ISSUER', 'https://example.com/.well-known/a'],
    ['COHORT_ISSUER', ' https://example.com'],
    ['MONGODB_URI', 'localhost:27017'],
    ['COHORT_ENCRYPTION_KEYS', 'k1:short'],
    ['COHORT_ENCRYPTION_KEYS', key],
    ['COHORT_RESOURCES', 'not-an-address'],
    ['COHORT_METRICS_TOKEN', 'short'],
    ['COHORT_SMTP_URL', 'https://mail.example.com'],
    ['COHORT_SMTP_URL', 'smtp://user@mail.example.com'],
    ['COHORT_SMTP_URL', 'smtp://user:100%@mail.example.com'],
    ['COHORT_SMTP_URL', 'smtp://mail.example.com/path'],
    ['COHORT_SMTP_TLS', 'never'],
    ['COHORT_MAIL_FROM', 'nobody'],
    ['COHORT_MAIL_FROM', 'Cohort <no-reply@example.com>\r\nBcc: <eve@example.com>'],
    ['COHORT_MAIL_FROM', 'Cohort\n <no-reply@example.com>'],
    ['COHORT_MAIL_FROM', 'a@example.com, b@example.com'],
  ])('refuses %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value }).some((fault) => fault.startsWith(name))).toBe(true);
  });

  it.each([
    ['HTTPS://ID.example.com:443', 'https://id.example.com'],
    ['https://example.com:443/auth', 'https://example.com/auth'],
    ['https://example.com/a/../auth', 'https://example.com/auth'],
    ['https://münchen.example', 'https://xn--mnchen-3ya.example'],
    ['http://127.1:3000', 'http://127.0.0.1:3000'],
  ])('refuses an issuer that is not in normal form, and gives the form: %s', (value, normal) => {
    expect(faultsOf({ COHORT_ISSUER: value })).toEqual([`COHORT_ISSUER must be in normal form: ${normal}`]);
  });

  it('refuses a variable that it does not know, because somebody believes in it', () => {
    expect(faultsOf({ COHORT_ISUER: 'https://example.com' })).toEqual(['COHORT_ISUER is not a setting of Cohort']);
  });

  it('knows the parts of a mail server and of a sender', () => {
    const config = loadConfig({
      COHORT_SMTP_URL: 'smtps://cohort%40example.com:p%40ss@Mail.example.com',
      COHORT_MAIL_FROM: 'no-reply@example.com',
    });
    const auth = { user: 'cohort@example.com', pass: 'p@ss' };
    expect(config.smtpServer).toEqual({ host: 'mail.example.com', port: 465, secure: true, auth });
    expect(config.mailFrom).toEqual({ name: '', address: 'no-reply@example.com' });
    expect(loadConfig({}).mailFrom).toEqual({ name: 'Cohort', address: 'no-reply@localhost' });
  });

  it('reads secrets from files, and says which file cannot be read', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cohort-')), 'password');
    writeFileSync(file, 'Cohort#2026\n');
    expect(loadConfig({ COHORT_OWNER_EMAIL: 'a@example.com', COHORT_OWNER_PASSWORD_FILE: file }).ownerPassword).toBe(
      'Cohort#2026',
    );
    expect(faultsOf({ COHORT_METRICS_TOKEN_FILE: '/does/not/exist' })[0]).toContain('/does/not/exist');
    expect(
      faultsOf({
        COHORT_OWNER_PASSWORD: 'x',
        COHORT_OWNER_PASSWORD_FILE: file,
        COHORT_OWNER_EMAIL: 'a@example.com',
      })[0],
    ).toContain('both set');
  });

  it('says what is wrong with a look', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cohort-'));
    expect(
      faultsOf({
        COHORT_LANGUAGES: 'en fr ../de',
        COHORT_BRAND_NAME: 'two\nlines',
        COHORT_LOGO: join(folder, 'missing.svg'),
        COHORT_ACCENT_COLOR: 'red',
        COHORT_CUSTOM_CSS: join(folder, 'styles.txt'),
        COHORT_SUPPORT_URL: 'javascript:alert(1)',
      }),
    ).toEqual([
      "COHORT_LANGUAGES must be languages that have a folder in views/messages, separated by spaces, not 'fr ../de'",
      'COHORT_BRAND_NAME must be one line without control or invisible characters',
      `COHORT_LOGO names a file that cannot be read: ${join(folder, 'missing.svg')}`,
      'COHORT_ACCENT_COLOR must be a color such as #0b6175',
      'COHORT_CUSTOM_CSS must be a file that ends in .css',
      'COHORT_SUPPORT_URL must be an http, https or mailto URL',
    ]);
    expect(loadConfig({ COHORT_LANGUAGES: ' de  en de ' }).languages).toEqual(['de', 'en']);
  });

  it('requires the same encryption key on every node of a shared database', () => {
    expect(faultsOf({ MONGODB_URI: 'mongodb://db' })[0]).toContain('COHORT_ENCRYPTION_KEYS must be set');
    expect(
      loadConfig({ MONGODB_URI: 'mongodb://db', COHORT_ENCRYPTION_KEYS: `new:${key},old:${key}` }).encryptionKeys,
    ).toEqual([
      ['new', key],
      ['old', key],
    ]);
  });

  it('has its example up to date (npm run env:example)', () => {
    expect(readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')).toBe(environmentExample());
  });

  it('has its page in docs/ up to date (npm run env:example)', () => {
    expect(readFileSync(join(import.meta.dirname, '..', 'docs', 'settings.md'), 'utf8')).toBe(settingsPage());
  });
});
