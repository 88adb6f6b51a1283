import { defineError } from '../../platform/errors.ts';
import type { ProofMark } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';

export const WeakPassword = defineError('invalid', 'weak_password', 'The password does not meet the requirements.');
export const TooManyAttempts = defineError(
  'limited',
  'too_many_attempts',
  'Too many failed attempts. Wait and try again.',
);

/** NIST SP 800-63B-4, section 3.1.1.2: keyboards write one character as different code points, and mean the same password. */
export const normalizePassword = (password: string): string => password.normalize('NFC');

const MAX_LENGTH = 128;

/** What the body of a call may have, in UTF-16 code units of any normalization form; the rules say what is too long. */
export const MAX_TYPED_LENGTH = 2048;

/**
 * The rules of a password, each with the key of its sentence and the pattern (flags `su`) that what keeps it matches: a
 * page can tell while a user types. Order is the order in which a form lists them.
 */
export const passwordRules = [
  { key: 'length', sentence: 'must have at least 8 characters', pattern: '^.{8,}' },
  { key: 'upper', sentence: 'must have an uppercase letter', pattern: '\\p{Lu}' },
  { key: 'lower', sentence: 'must have a lowercase letter', pattern: '\\p{Ll}' },
  { key: 'digit', sentence: 'must have a digit', pattern: '[0-9]' },
  { key: 'special', sentence: 'must have one of ! @ # $ % * &', pattern: '[!@#$%*&]' },
  { key: 'long', sentence: `must have at most ${MAX_LENGTH} characters`, pattern: `^.{0,${MAX_LENGTH}}$` },
] as const;

/** Those that a form lists; the longest length is only told to who went beyond it. */
export const listedRules = passwordRules
  .filter(({ key }) => key !== 'long')
  .map(({ key, pattern }) => ({ key, pattern }));

const holds = (pattern: string, password: string) => new RegExp(pattern, 'su').test(password);

export type PasswordFault = (typeof passwordRules)[number]['key'] | 'common';

/** Every rule that the password breaks in NFC, at once. `isCommon` says whether a list of common passwords has it. */
export function passwordFaults(
  typed: string,
  isCommon: (password: string) => boolean,
): { key: PasswordFault; sentence: string }[] {
  const password = normalizePassword(typed);
  const broken = passwordRules
    .filter(({ pattern }) => !holds(pattern, password))
    .map(({ key, sentence }) => ({ key, sentence }));
  if (broken.length > 0) return broken;
  return isCommon(password) ? [{ key: 'common', sentence: 'must not be a common password' }] : [];
}

export interface StoredPassword {
  hash: string;
  temporary: boolean;
}

/** A password as it is found, with the time since which it has been the user's. */
export interface FoundPassword extends StoredPassword {
  setAt: Date;
}

/** An account as a sign-in finds it, with the mark that its proof will carry: one read, so that no event is missed. */
export interface FoundAccount {
  user: User;
  password?: FoundPassword;
}

export interface PasswordStore {
  /** By normalised username. */
  findByUsername(username: string): Promise<FoundAccount | undefined>;
  find(userId: string): Promise<{ username: string; password?: FoundPassword } | undefined>;
  /**
   * Ends every earlier proof; an invited user becomes active with their first password. The username, or undefined when the
   * user is gone, or `expected` is not their mark any more.
   */
  set(userId: string, password: StoredPassword, at: Date, expected?: ProofMark): Promise<string | undefined>;
  /** Replaces a hash by one of the same password with newer parameters, unless it changed in the meantime. */
  rehash(userId: string, from: string, to: string): Promise<void>;
}

/** Where an attempt on an account comes from. */
export interface AttemptOrigin {
  /** The IP address. */
  address: string;
  /** A device that is known for this account: what attackers try elsewhere does not hold it up. */
  device?: string | undefined;
}

/** Failed attempts on an account. */
export interface Lock {
  /** Wrong passwords in a row, from devices that are not known. */
  failedAttempts: number;
  /** When such a device may try again; absent when it may now. */
  until?: Date | undefined;
}

/** Counts attempts, for all nodes together. */
export interface AttemptLimits {
  /**
   * Counts an attempt before it is made, so that fifty at once cannot all pass the same look.
   * @throws TooManyAttempts when the account, the device or the IP address has to wait.
   */
  begin(account: string, origin: AttemptOrigin): Promise<void>;
  /** The attempt was right: the account starts afresh, and the address gets its point back. */
  succeed(account: string, origin: AttemptOrigin): void;
  look(account: string): Promise<Lock>;
  /** Lets everybody try afresh. */
  clear(account: string): Promise<void>;
}

/** Counts what users ask for without being signed in, whether the account exists or not, for all nodes together. */
export interface RequestLimits {
  /** @throws TooManyAttempts when the account or the IP address has to wait. */
  count(account: string, address: string): Promise<void>;
}
