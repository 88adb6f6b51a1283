import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** An identifier: 16 hexadecimal characters, such as `4be2eff2574323ce`. */
export type Id = string;
export type NewId = () => Id;

export const newId: NewId = () => randomBytes(8).toString('hex');

export const idShape = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal characters');

/** 256 random bits as base64url: client secrets, one-time links. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 as base64url; how a bearer secret is stored, so that reading the database does not give it away. */
export function sha256(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** Compares in a time that does not depend on where two secrets differ. */
export function secretsEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}
