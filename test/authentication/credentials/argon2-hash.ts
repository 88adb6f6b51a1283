import { argon2Sync } from 'node:crypto';

export interface Argon2Options {
  type?: 'argon2d' | 'argon2i' | 'argon2id';
  /** KiB */
  memory?: number;
  passes?: number;
  lanes?: number;
  /** Bytes */
  length?: number;
  salt?: Buffer;
}

/** Base64 as PHC strings have it. */
export const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

/** As another product would store it, from an implementation that is not Cohort's: OpenSSL's. */
export function argon2Hash(password: string, options: Argon2Options = {}): string {
  const { type = 'argon2id', memory = 1024, passes = 2, lanes = 1, length = 32, salt = Buffer.alloc(16, 7) } = options;
  const parameters = { message: password, nonce: salt, memory, passes, parallelism: lanes, tagLength: length };
  const digest = argon2Sync(type, parameters);
  return `$${type}$v=19$m=${memory},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(digest)}`;
}
