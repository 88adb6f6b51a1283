import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** An encryption key: its ID, which is part of every ciphertext, and 32 bytes. */
export interface EncryptionKey {
  id: string;
  key: Buffer;
}

/** Encrypts secrets that must be read again. A ciphertext is bound to its `purpose` and cannot be decrypted for another one. */
export interface Encryption {
  encrypt(purpose: string, secret: string): string;
  /** @throws EncryptionKeyUnusable when the key is not among the configured ones, or the ciphertext was changed or has another purpose. */
  decrypt(purpose: string, box: string): string;
  /** The same for bytes, a third smaller than text. */
  encryptBytes(purpose: string, secret: Buffer): Buffer;
  decryptBytes(purpose: string, box: Buffer): Buffer;
  /** True if it was not encrypted with the newest key. */
  isStale(box: string): boolean;
}

/** What was encrypted for this purpose, of a box that someone presents; undefined for any other text. */
export function openPresented(encryption: Encryption, purpose: string, box: string): string | undefined {
  try {
    return encryption.decrypt(purpose, box);
  } catch (error) {
    if (error instanceof EncryptionKeyUnusable) return undefined;
    throw error;
  }
}

/** An encryption key is missing or is another one; `message` is for the operator. */
export class EncryptionKeyUnusable extends Error {
  override name = 'EncryptionKeyUnusable';
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM as `keyId.base64url(iv | tag | ciphertext)`; without base64url for bytes. The first key encrypts; all keys decrypt. */
export function createEncryption(keys: EncryptionKey[]): Encryption {
  const [newest] = keys;
  if (!newest) throw new Error('At least one encryption key is required.');
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]));
  const encryption = byId.get(newest.id)!;

  function encryptBytes(purpose: string, secret: Buffer): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', encryption, iv).setAAD(Buffer.from(purpose));
    const body = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.from(`${newest!.id}.`), iv, cipher.getAuthTag(), body]);
  }

  function decryptBytes(purpose: string, box: Buffer): Buffer {
    const dot = box.indexOf('.');
    const keyId = box.subarray(0, Math.max(dot, 0)).toString();
    const key = byId.get(keyId);
    if (!key)
      throw new EncryptionKeyUnusable(
        `A secret was encrypted with the key '${keyId}', which is not configured. Add it to COHORT_ENCRYPTION_KEYS.`,
      );
    const bytes = box.subarray(dot + 1);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new EncryptionKeyUnusable(
        `A secret could not be decrypted with the encryption key '${keyId}': it is not the key that encrypted the secret.`,
        { cause },
      );
    }
  }

  function encrypt(purpose: string, secret: string): string {
    const box = encryptBytes(purpose, Buffer.from(secret, 'utf8'));
    const dot = box.indexOf('.');
    return `${box.subarray(0, dot).toString()}.${box.subarray(dot + 1).toString('base64url')}`;
  }

  function decrypt(purpose: string, box: string): string {
    const [keyId = '', content = ''] = box.split('.');
    const bytes = Buffer.concat([Buffer.from(`${keyId}.`), Buffer.from(content, 'base64url')]);
    return decryptBytes(purpose, bytes).toString('utf8');
  }

  return { encrypt, decrypt, encryptBytes, decryptBytes, isStale: (box) => !box.startsWith(`${newest.id}.`) };
}
