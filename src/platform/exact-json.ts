import { visit, type JSONPath } from 'jsonc-parser';

/** A part of a JSON text that would not come back as it was sent: where it is, and why. */
export interface InexactPart {
  path: JSONPath;
  reason: string;
}

/** Nothing that is kept has so many levels, and every level takes a part of the call stack. */
const MAX_LEVELS = 100;
/** More would only repeat what is wrong. */
const MAX_PARTS = 20;

export const INEXACT = {
  number: 'is a number that cannot be stored exactly; send it as a string',
  text: 'contains an incomplete Unicode character (half of a surrogate pair)',
  twice: 'appears twice in the same object',
  levels: `must not have more than ${MAX_LEVELS} levels`,
  proto: "must not be named '__proto__'",
} as const;

class Enough extends Error {}

/**
 * What `JSON.parse` would alter without a word in a valid JSON text: numbers that a double does not hold, halves of
 * surrogate pairs, keys that appear twice (RFC 8259, sections 4, 6 and 8.2) and `__proto__`. `text` must be valid.
 */
export function findInexactParts(text: string): InexactPart[] {
  const parts: InexactPart[] = [];
  const keys: Set<string>[] = [];
  let levels = 0;
  const report = (path: JSONPath, reason: string) => {
    parts.push({ path, reason });
    if (parts.length === MAX_PARTS) throw new Enough();
  };
  const enter = (path: JSONPath) => {
    levels += 1;
    if (levels <= MAX_LEVELS) return;
    report(path, INEXACT.levels);
    throw new Enough();
  };
  const leave = () => void (levels -= 1);
  const visitor = {
    onObjectBegin(_o: number, _l: number, _line: number, _c: number, path: () => JSONPath) {
      enter(path());
      keys.push(new Set());
    },
    onObjectEnd() {
      leave();
      keys.pop();
    },
    onArrayBegin: (_o: number, _l: number, _line: number, _c: number, path: () => JSONPath) => enter(path()),
    onArrayEnd: leave,
    onObjectProperty(key: string, _o: number, _l: number, _line: number, _c: number, path: () => JSONPath) {
      const own = keys.at(-1)!;
      if (own.has(key)) report([...path(), key], INEXACT.twice);
      if (key === '__proto__') report([...path(), key], INEXACT.proto);
      if (!key.isWellFormed()) report([...path(), key.toWellFormed()], INEXACT.text);
      own.add(key);
    },
    onLiteralValue(value: unknown, offset: number, length: number, _line: number, _c: number, path: () => JSONPath) {
      if (typeof value === 'string' && !value.isWellFormed()) report(path(), INEXACT.text);
      if (typeof value === 'number' && !isExact(text.slice(offset, offset + length))) report(path(), INEXACT.number);
    },
  };
  try {
    visit(text, visitor, { disallowComments: true });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return parts;
}

/** Whether the number that a double holds is written with the same decimal value. `-0` would come back as `0`. */
function isExact(literal: string): boolean {
  const value = Number(literal);
  return Number.isFinite(value) && !Object.is(value, -0) && decimalOf(literal) === decimalOf(String(value));
}

/** A number in one spelling: its digits without zeros at the ends, and the power of ten. */
function decimalOf(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
