import { decodePercents } from '../percent-encoding.ts';

const REDACTED = '[redacted]';

/** Below these addresses the next segment is a bearer value, however short it is. */
const SECRET_BELOW = new Set(['interaction', 'auth', 'device', 'setup', 'reg', 'register', 'recover', 'invitation']);

/** From so many characters on, letters and digits that are neither words nor an id may be a secret. */
const SECRET_IN_PATH = 16;
/** In a text, where file names and the names of classes and functions stand too. */
const SECRET_IN_TEXT = 24;
/** So long no name is, even without a digit. */
const SECRET_ANYWHERE = 40;

/** Deeper than any proxy encodes. */
const MOST_DECODINGS = 5;

/**
 * A path without what may be a bearer value: an interaction's id, a one-time link, a code, whatever the address, the case
 * and the encoding of what was requested. Words and ids stay.
 */
export function redactPath(path: string): string {
  const segments = path.split('/');
  return segments.map((segment, index) => (isSecret(segment, segments[index - 1]) ? REDACTED : segment)).join('/');
}

function isSecret(segment: string, before = ''): boolean {
  if (!segment) return false;
  if (SECRET_BELOW.has(decoded(before).trim().toLowerCase())) return true;
  const text = decoded(segment);
  // Still encoded, or very long: what is in it cannot be told.
  if (text.includes('%') || text.length > 200) return true;
  return wordsOf(text).some((word) => word.length >= SECRET_IN_PATH && !isWord(word) && !isId(word));
}

/** A text without what may be a bearer value, such as the message of an error that quotes a request. */
export function redactText(text: string): string {
  return text.replace(/[\w+~-]{24,}/g, (word) => (isSecretInText(word) ? REDACTED : word));
}

function isSecretInText(word: string): boolean {
  if (isWord(word)) return false;
  const hasDigit = /\d/.test(word) && /[a-z]/i.test(word);
  return word.length >= (hasDigit ? SECRET_IN_TEXT : SECRET_ANYWHERE);
}

function decoded(segment: string): string {
  let text = segment;
  for (let i = 0; i < MOST_DECODINGS && text.includes('%'); i += 1) text = decodePercents(text);
  return text;
}

/** What stands between characters of which no bearer value is made. */
const wordsOf = (text: string) => text.split(/[^\w+~=-]+/);

/** `oauth-authorization-server`, `custom_data`: lowercase, which chance would not leave without a digit or a capital. */
const isWord = (word: string) => /^[a-z]{0,30}([-_][a-z]{1,30})*$/.test(word);

const isId = (word: string) => /^[0-9a-f]{16}$/.test(word);
