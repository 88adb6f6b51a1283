import { randomBytes } from 'node:crypto';
import type { SigningAlgorithm } from '../../../config/protocol-settings.ts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** What a key is for: to sign with an algorithm, to sign cookies, or to make the pairwise identifiers of users. */
export type KeyUse = SigningAlgorithm | 'cookie' | 'pairwise';

/** A key and the times between which it signs and verifies. */
export interface Key {
  /** `kid`: the thumbprint of a signing key (RFC 7638). */
  id: string;
  use: KeyUse;
  /** Counts up from 1 for each use; unique, so that of several nodes one makes the next key. */
  generation: number;
  /** A private JWK, or for what does not sign tokens `{ k }` with 32 bytes in base64url. */
  secret: JWK;
  signsFrom: Date;
  /** Set when its successor is made: when it no longer verifies. */
  verifiesUntil?: Date;
}

export interface KeyStore {
  list(): Promise<Key[]>;
  insert(key: Key): Promise<'inserted' | 'duplicate'>;
  setVerifiesUntil(id: string, until: Date): Promise<void>;
  removeExpired(now: Date): Promise<void>;
  /** Encrypts again, under the newest encryption key, whatever was encrypted under an older one. */
  reencrypt(): Promise<void>;
  /** Calls back after each change, here or elsewhere, and after a time in which changes may have been missed. */
  watch(listener: () => void): void;
}

export async function makeKey(use: KeyUse, generation: number, signsFrom: Date): Promise<Key> {
  if (use === 'cookie' || use === 'pairwise') {
    const secret = { kty: 'oct', k: randomBytes(32).toString('base64url') };
    return { id: await calculateJwkThumbprint(secret), use, generation, secret, signsFrom };
  }
  const shape = use === 'EdDSA' ? { crv: 'Ed25519' } : { modulusLength: 2048 };
  const { privateKey } = await generateKeyPair(use, { ...shape, extractable: true });
  const jwk = await exportJWK(privateKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, use, generation, secret: { ...jwk, kid: id, alg: use, use: 'sig' }, signsFrom };
}

/**
 * The keys of one use that are worth having now, the one that signs first: then those that will sign later (published so
 * that applications know them in time), then those that only verify what they signed before.
 */
export function inOrder(keys: Key[], use: KeyUse, now: Date): Key[] {
  const usable = keys.filter((key) => key.use === use && (!key.verifiesUntil || key.verifiesUntil > now));
  const byNewest = usable.sort((a, b) => b.generation - a.generation);
  const signing = byNewest.find((key) => key.signsFrom <= now);
  return signing ? [signing, ...byNewest.filter((key) => key !== signing)] : byNewest;
}

const PRIVATE = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

/** A signing key as others may know it. */
export const toPublic = (key: JWK): JWK =>
  Object.fromEntries(Object.entries(key).filter(([name]) => !PRIVATE.has(name)));
