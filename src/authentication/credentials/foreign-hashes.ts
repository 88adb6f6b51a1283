import { pbkdf2, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import argon2 from '@node-rs/argon2';
import bcrypt from '@node-rs/bcrypt';
import { z } from 'zod';

/** A password hash whose form is understood: what it costs to check a password against it, and how to. */
interface ReadHash {
  /** Why nobody should have to pay for it, or undefined when it costs no more than a second or two. */
  excess: string | undefined;
  matches(password: string): Promise<boolean>;
}

/** Reads one family of hashes; undefined for what is not of it. */
type Form = (hash: string) => ReadHash | undefined;

// Each of these takes a second or two on one core. At most three run at once, so memory stays under a gigabyte.
const MAX_MEMORY_KIB = 256 * 1024;
const MAX_ARGON2_KIB_PASSES = 2 * 1024 * 1024;
const MAX_ARGON2_LANES = 16;
const MAX_BCRYPT_COST = 14;
const MAX_SCRYPT_WORK = 2 ** 22;
const MAX_PBKDF2_WORK = 3_000_000;

// The library declares them as constant enumerations, which have no value at run time.
const ARGON2_TYPES = { d: 0, i: 1, id: 2 } as const;
const ARGON2_VERSIONS = { former: 0, present: 1 } as const;

const FORMS: Form[] = [readArgon2, readBcrypt, readScrypt, readPbkdf2, readDjango];

/**
 * Checks a password against a hash of ours or of another product, by the hash's own algorithm. False for anything malformed.
 *
 * A foreign hash takes as long as its own parameters say, not as long as ours, so until its owner has signed in once the
 * time of an answer may tell that such a hash is there. That is the price of not asking everybody for a new password.
 */
export async function verifyHash(hash: string, password: string): Promise<boolean> {
  try {
    return (await read(hash)?.matches(password)) ?? false;
  } catch {
    // An algorithm refuses parameters that no product would have written; such a hash has no password.
    return false;
  }
}

/**
 * A password hash that an import may bring: of a form that `verifyHash` understands, and not so costly that one
 * sign-in would take a minute or a gigabyte.
 */
export const passwordHashShape = z.string().superRefine((hash, ctx) => {
  const readable = hash.length <= 512 ? read(hash) : undefined;
  const message = readable ? readable.excess : 'must be an argon2, bcrypt, scrypt or PBKDF2 hash in a supported format';
  if (message) ctx.addIssue({ code: 'custom', message });
});

function read(hash: string): ReadHash | undefined {
  for (const form of FORMS) {
    const found = form(hash);
    if (found) return found;
  }
  return undefined;
}

/** `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`, also i and d; without `v` it is the version before 1.3 (RFC 9106). */
function readArgon2(hash: string): ReadHash | undefined {
  const found =
    /^\$argon2(id|i|d)(?:\$v=(16|19))?\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      hash,
    );
  if (!found) return undefined;
  const [type, version, ...numbers] = found.slice(1, 6);
  const [memory = 0, passes = 0, lanes = 0] = numbers.map(Number);
  const salt = bytes(found[6]!);
  const digest = bytes(found[7]!);
  if (!isSalt(salt, 8) || !isDigest(digest) || passes < 1 || lanes < 1) return undefined;
  const isExcessive = memory > MAX_MEMORY_KIB || memory * passes > MAX_ARGON2_KIB_PASSES || lanes > MAX_ARGON2_LANES;
  const options = {
    algorithm: ARGON2_TYPES[type as keyof typeof ARGON2_TYPES],
    version: version === '19' ? ARGON2_VERSIONS.present : ARGON2_VERSIONS.former,
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    outputLen: digest.length,
    salt,
  };
  return {
    excess: isExcessive
      ? `is too expensive to verify: at most ${MAX_MEMORY_KIB} KiB, ${MAX_ARGON2_KIB_PASSES} KiB × passes and ${MAX_ARGON2_LANES} lanes are supported`
      : undefined,
    matches: async (password) => isEqual(await argon2.hashRaw(password, options), digest),
  };
}

/**
 * `$2b$12$…`, also 2a and 2y, which are the same for every text that is UTF-8. Like all implementations it reads the
 * first 72 bytes of a password and no more.
 */
function readBcrypt(hash: string): ReadHash | undefined {
  const found = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash);
  if (!found) return undefined;
  const cost = Number(found[1]);
  if (cost < 4 || cost > 31) return undefined;
  return {
    excess:
      cost > MAX_BCRYPT_COST
        ? `is too expensive to verify: bcrypt is supported up to cost ${MAX_BCRYPT_COST}`
        : undefined,
    matches: (password) => bcrypt.verify(password, hash),
  };
}

/** `$scrypt$ln=15,r=8,p=1$salt$hash` (RFC 7914), as passlib and other writers of PHC strings have it. */
function readScrypt(hash: string): ReadHash | undefined {
  const found = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([\w+/.-]+={0,2})\$([\w+/.-]+={0,2})$/.exec(hash);
  if (!found) return undefined;
  const [ln = 0, r = 0, p = 0] = found.slice(1, 4).map(Number);
  const salt = bytes(found[4]!);
  const digest = bytes(found[5]!);
  if (!isSalt(salt) || !isDigest(digest) || ln < 1 || r < 1 || p < 1) return undefined;
  const cost = 2 ** ln;
  const memory = 128 * r * (cost + p);
  const isExcessive = memory > MAX_MEMORY_KIB * 1024 || cost * r * p > MAX_SCRYPT_WORK;
  const options = { N: cost, r, p, maxmem: memory + 1024 * 1024 };
  return {
    excess: isExcessive
      ? `is too expensive to verify: at most ${MAX_MEMORY_KIB} KiB and 2^ln × r × p of ${MAX_SCRYPT_WORK} are supported`
      : undefined,
    matches: async (password) => isEqual(await deriveByScrypt(password, salt, digest.length, options), digest),
  };
}

/** `$pbkdf2-sha256$i=310000$salt$hash` and passlib's `$pbkdf2-sha256$29000$salt$hash`; without a digest it is SHA-1. */
function readPbkdf2(hash: string): ReadHash | undefined {
  const found =
    /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,9})(?:,l=\d{1,3})?\$([\w+/.-]+={0,2})\$([\w+/.-]+={0,2})$/.exec(
      hash,
    );
  if (!found) return undefined;
  const [, digestName = 'sha1', iterations, salt = '', digest = ''] = found;
  return pbkdf2Hash(digestName, Number(iterations), bytes(salt), bytes(digest));
}

/** Django's `pbkdf2_sha256$600000$salt$hash`: the salt is text and taken as it stands. */
function readDjango(hash: string): ReadHash | undefined {
  const found = /^pbkdf2_(sha1|sha256|sha512)\$(\d{1,9})\$([^$\s]+)\$([A-Za-z0-9+/]+={0,2})$/.exec(hash);
  if (!found) return undefined;
  const [, digestName = '', iterations, salt = '', digest = ''] = found;
  return pbkdf2Hash(digestName, Number(iterations), Buffer.from(salt), bytes(digest));
}

const BLOCK_BYTES: Record<string, number> = { sha1: 20, sha256: 32, sha512: 64 };

function pbkdf2Hash(digestName: string, iterations: number, salt: Buffer, digest: Buffer): ReadHash | undefined {
  if (!isSalt(salt) || !isDigest(digest) || iterations < 1) return undefined;
  // A digest longer than the hash function's own takes all iterations again for every further block (RFC 8018, 5.2).
  const work = iterations * Math.ceil(digest.length / BLOCK_BYTES[digestName]!);
  return {
    excess:
      work > MAX_PBKDF2_WORK
        ? `is too expensive to verify: PBKDF2 is supported up to ${MAX_PBKDF2_WORK} iterations`
        : undefined,
    matches: async (password) =>
      isEqual(await deriveByPbkdf2(password, salt, iterations, digest.length, digestName), digest),
  };
}

const deriveByPbkdf2 = promisify(pbkdf2);
const deriveByScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** Base64, plain or with passlib's and the URL alphabet's other characters, padded or not. */
function bytes(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}

const isSalt = (salt: Buffer, atLeast = 1) => salt.length >= atLeast && salt.length <= 128;

// A digest of a few bytes would let many passwords in.
const isDigest = (digest: Buffer) => digest.length >= 16 && digest.length <= 128;

const isEqual = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
