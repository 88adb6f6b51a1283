import { defineError } from '../base/errors.ts';

export const WeakPassword = defineError('invalid', 'weak_password', 'The password does not keep the rules.');
export const TooManyAttempts = defineError(
  'limited',
  'too_many_attempts',
  'There were too many failed attempts. Wait a while and try again.',
);

const MAX_LENGTH = 128;

/** The rules of a password, each with the key of its sentence and its test. Order is the order in which a form lists them. */
export const passwordRules = [
  { key: 'length', sentence: 'must have at least 8 characters', holds: (p: string) => [...p].length >= 8 },
  { key: 'upper', sentence: 'must have an upper-case letter', holds: (p: string) => /\p{Lu}/u.test(p) },
  { key: 'lower', sentence: 'must have a lower-case letter', holds: (p: string) => /\p{Ll}/u.test(p) },
  { key: 'digit', sentence: 'must have a digit', holds: (p: string) => /\d/.test(p) },
  { key: 'special', sentence: 'must have one of ! @ # $ % * &', holds: (p: string) => /[!@#$%*&]/.test(p) },
  { key: 'long', sentence: `must have at most ${MAX_LENGTH} characters`, holds: (p: string) => p.length <= MAX_LENGTH },
] as const;

export type PasswordFault = (typeof passwordRules)[number]['key'] | 'common';

/** Every rule that the password breaks, at once. `isCommon` says whether a list of common passwords has it. */
export function passwordFaults(
  password: string,
  isCommon: (password: string) => boolean,
): { key: PasswordFault; sentence: string }[] {
  const broken = passwordRules.filter((rule) => !rule.holds(password)).map(({ key, sentence }) => ({ key, sentence }));
  if (broken.length > 0) return broken;
  return isCommon(password) ? [{ key: 'common', sentence: 'must not be a common password' }] : [];
}

export interface StoredPassword {
  hash: string;
  temporary: boolean;
}

export interface PasswordStore {
  /** By normalised username. `active` is false for someone who is disabled. */
  findByUsername(username: string): Promise<{ userId: string; active: boolean; password?: StoredPassword } | undefined>;
  find(userId: string): Promise<{ username: string; password?: StoredPassword } | undefined>;
  /** An invited person becomes active with their first password. False when the person is gone. */
  set(userId: string, password: StoredPassword, at: Date): Promise<boolean>;
  /** Replaces a hash by one of the same password with newer parameters, unless it changed meanwhile. */
  rehash(userId: string, from: string, to: string): Promise<void>;
}

/** Counts attempts, for all nodes together. */
export interface AttemptLimits {
  /**
   * Counts an attempt before it is made, so that fifty at once cannot all pass the same look.
   * @throws TooManyAttempts when the account or the network address has to wait.
   */
  begin(account: string, address: string): Promise<void>;
  /** The attempt was right: the account starts afresh, and the address gets its point back. */
  succeed(account: string, address: string): Promise<void>;
}
