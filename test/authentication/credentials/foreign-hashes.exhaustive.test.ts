import { pbkdf2Sync, scryptSync } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { system } from '../../../src/platform/actor.ts';
import { passwordHashShape, verifyHash } from '../../../src/authentication/credentials/foreign-hashes.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { argon2Hash, unpadded } from './argon2-hash.ts';

const PASSWORD = 'pässwörd of Ada';

/** From each algorithm's reference implementation, RFC or widest-spread library: the hash and its password. */
const published: [string, string, string][] = [
  [
    'argon2id, the reference implementation',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    'password',
  ],
  [
    'argon2i, the reference implementation',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
    'password',
  ],
  [
    'argon2i before version 1.3, the reference implementation',
    '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
    'password',
  ],
  ['bcrypt, crypt_blowfish', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  [
    'bcrypt past 72 bytes, crypt_blowfish',
    '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
    '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored',
  ],
  [
    'scrypt, passlib',
    '$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
    'password',
  ],
  [
    'scrypt, RFC 7914 section 12',
    '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA',
    'password',
  ],
  ['PBKDF2 with SHA-1, RFC 6070', '$pbkdf2$4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE', 'password'],
  [
    'PBKDF2 with SHA-256, RFC 7914 section 11',
    '$pbkdf2-sha256$i=80000$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ',
    'Password',
  ],
  [
    'PBKDF2 with SHA-256, passlib',
    '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk',
    'toomanysecrets',
  ],
  [
    'PBKDF2 with SHA-512, passlib',
    '$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww',
    'password',
  ],
  ['PBKDF2 with SHA-1, Django', 'pbkdf2_sha1$260000$seasalt2$wAibXvW6jgvatCdONi6SMJ6q7mI=', 'lètmein'],
  [
    'PBKDF2 with SHA-256, Django',
    'pbkdf2_sha256$260000$seasalt2$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8=',
    'lètmein',
  ],
];

const salt = Buffer.from('sixteen-byte-salt');
const scryptHash = scryptSync(PASSWORD, salt, 32, { N: 2 ** 12, r: 8, p: 2, maxmem: 2 ** 26 });
const pbkdf2Hash = (digest: string, length: number) => pbkdf2Sync(PASSWORD, salt, 1000, length, digest);

/** Made here, as other products write them. */
const made: Record<string, () => string | Promise<string>> = {
  argon2d: () => argon2Hash(PASSWORD, { type: 'argon2d', memory: 512, passes: 3, lanes: 2 }),
  argon2i: () => argon2Hash(PASSWORD, { type: 'argon2i', memory: 512, passes: 3, length: 24 }),
  argon2id: () => argon2Hash(PASSWORD, { memory: 2048, passes: 1, salt: Buffer.alloc(64, 5) }),
  'argon2id, as long as any': () => argon2Hash(PASSWORD, { lanes: 16, length: 128, salt: Buffer.alloc(128, 6) }),
  'argon2id, as short as any': () =>
    argon2Hash(PASSWORD, { memory: 8, passes: 1, length: 16, salt: Buffer.alloc(8, 6) }),
  'bcrypt 2a': async () => (await bcrypt.hash(PASSWORD, 5)).replace('$2b$', '$2a$'),
  'bcrypt 2b': () => bcrypt.hash(PASSWORD, 5),
  'bcrypt 2y': async () => (await bcrypt.hash(PASSWORD, 5)).replace('$2b$', '$2y$'),
  scrypt: () => `$scrypt$ln=12,r=8,p=2$${unpadded(salt)}$${unpadded(scryptHash)}`,
  'scrypt, padded': () => `$scrypt$ln=12,r=8,p=2$${salt.toString('base64')}$${scryptHash.toString('base64')}`,
  'scrypt in ab64': () => `$scrypt$ln=12,r=8,p=2$${unpadded(salt)}$${unpadded(scryptHash)}`.replaceAll('+', '.'),
  'PBKDF2 as PHC': () => `$pbkdf2-sha512$i=1000,l=64$${unpadded(salt)}$${unpadded(pbkdf2Hash('sha512', 64))}`,
  'PBKDF2 of passlib': () =>
    `$pbkdf2-sha256$1000$${unpadded(salt)}$${unpadded(pbkdf2Hash('sha256', 32)).replaceAll('+', '.')}`,
  'PBKDF2 of Django': () => `pbkdf2_sha512$1000$${salt.toString()}$${pbkdf2Hash('sha512', 64).toString('base64')}`,
};

describe('a foreign password hash', () => {
  it.each(published)('verifies as published: %s', async (_origin, hash, password) => {
    expect(passwordHashShape.safeParse(hash).error).toBeUndefined();
    expect(await verifyHash(hash, password)).toBe(true);
    expect(await verifyHash(hash, `x${password}`)).toBe(false);
  });

  it.each(Object.keys(made))('verifies as made: %s', async (name) => {
    const hash = await made[name]!();
    expect(passwordHashShape.safeParse(hash).error).toBeUndefined();
    expect(await verifyHash(hash, PASSWORD)).toBe(true);
    expect(await verifyHash(hash, `${PASSWORD}!`)).toBe(false);
    expect(await verifyHash(hash, '')).toBe(false);
  });

  it('of bcrypt reads the first 72 bytes of a password, as bcrypt does everywhere', async () => {
    const hash = await bcrypt.hash('ü'.repeat(36), 4);
    expect(await verifyHash(hash, `${'ü'.repeat(36)} and more`)).toBe(true);
    expect(await verifyHash(hash, 'ü'.repeat(35))).toBe(false);
  });
});

describe('an import refuses a password hash', () => {
  const reasonFor = (hash: string) => passwordHashShape.safeParse(hash).error?.issues.map(({ message }) => message);
  const digest = unpadded(Buffer.alloc(32, 9));
  const tooCostly: [string, string][] = [
    ['argon2 with a gigabyte', `$argon2id$v=19$m=1048576,t=1,p=1$c29tZXNhbHQ$${digest}`],
    ['argon2 with a hundred passes', `$argon2id$v=19$m=65536,t=100,p=1$c29tZXNhbHQ$${digest}`],
    ['argon2 with 200 lanes', `$argon2id$v=19$m=65536,t=2,p=200$c29tZXNhbHQ$${digest}`],
    ['bcrypt with a cost of 20', `$2b$20$${'a'.repeat(53)}`],
    ['scrypt with a gigabyte', `$scrypt$ln=20,r=8,p=1$c2FsdA$${digest}`],
    ['scrypt with more than one could count', `$scrypt$ln=99,r=8,p=1$c2FsdA$${digest}`],
    ['scrypt with a thousand lanes', `$scrypt$ln=15,r=8,p=1000$c2FsdA$${digest}`],
    ['PBKDF2 with a hundred million iterations', `$pbkdf2-sha256$100000000$c2FsdA$${digest}`],
    ['PBKDF2 with two million for each of three blocks', `$pbkdf2-sha1$2000000$c2FsdA$${unpadded(Buffer.alloc(60))}`],
    ['Django with a hundred million iterations', `pbkdf2_sha256$100000000$salt$${digest}=`],
  ];
  it.each(tooCostly)('that costs too much: %s', (_name, hash) => {
    expect(reasonFor(hash)).toEqual([expect.stringMatching(/^is too expensive to verify: .*(at most|up to) /)]);
  });

  const malformed = [
    '',
    'password',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$c2hvcnQ',
    '$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$m=65536,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    '$2b$05$tooshort',
    '$scrypt$ln=0,r=8,p=1$c2FsdA$' + unpadded(Buffer.alloc(32)),
    '$scrypt$ln=14,r=8,p=1$c2FsdA$',
    '$pbkdf2-md5$1000$c2FsdA$' + unpadded(Buffer.alloc(32)),
    '$pbkdf2-sha256$0$c2FsdA$' + unpadded(Buffer.alloc(32)),
    'pbkdf2_sha256$1000$$' + unpadded(Buffer.alloc(32)),
    'pbkdf2_sha256$1000$salt$AAAA',
  ];
  it.each(malformed)('of an unknown or broken form: %s', async (hash) => {
    expect(reasonFor(hash)).toEqual(['must be an argon2, bcrypt, scrypt or PBKDF2 hash in a supported format']);
    expect(await verifyHash(hash, 'password')).toBe(false);
  });

  it('that is far too long', () => {
    expect(reasonFor(`$pbkdf2-sha256$1000$${'A'.repeat(100_000)}$${digest}`)).toHaveLength(1);
  });
});

describe('signing in with an imported hash', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  const storedHash = async (username: string) => {
    const users = test.app.database.connection.collection('users');
    return ((await users.findOne({ username }))!['secret'] as { passwordHash: string }).passwordHash;
  };

  it.each(Object.keys(made))('replaces it once, and a wrong password does not: %s', async (name) => {
    const username = `${name.toLowerCase().replace(/\W+/g, '-')}@example.com`;
    const hash = await made[name]!();
    const newUser = { username, first_name: '', last_name: '', kind: 'customer' as const, custom_data: {} };
    const user = await test.app.users.create(system, newUser, { hash, temporary: false });
    const signIn = async (password: string) =>
      (await test.app.credentials.verify(username, password, { address: '127.0.0.1' }))?.userId;

    expect(await signIn('something else')).toBeUndefined();
    expect(await storedHash(username)).toBe(hash);

    expect(await signIn(PASSWORD)).toBe(user.id);
    const replaced = await storedHash(username);
    expect(replaced).toMatch(/^\$argon2id\$v=19\$m=1024,t=\d,p=1\$/);

    expect(await signIn(PASSWORD)).toBe(user.id);
    expect(await storedHash(username)).toBe(replaced);
    expect(await signIn('something else')).toBeUndefined();
  });
});
