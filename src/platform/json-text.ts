import { visit } from 'jsonc-parser';
import { findInexactParts, type InexactPart } from './exact-json.ts';

/** JSON as it was sent or typed: what it says, where it stops being JSON (line and column count from one), or what of it would be altered. */
export type JsonText = { value: unknown } | { fault: Place } | { inexact: InexactPart[] };

interface Place {
  line: number;
  column: number;
}

/** The search for the fault goes no deeper: every level takes a part of the call stack. */
const MAX_DEPTH = 500;

class TooDeep extends Error {}

/** The engine reads it; only what it refuses is read again, since it does not always say where it stopped. */
export function readJsonText(text: string): JsonText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: findFault(text) };
  }
  const inexact = findInexactParts(text);
  return inexact.length > 0 ? { inexact } : { value };
}

/** The first part of the text that cannot stand where it stands, or that goes too deep to look into. */
function findFault(text: string): Place {
  const faults: Place[] = [];
  let depth = 0;
  const enter = (_offset: number, _length: number, line: number, character: number) => {
    depth += 1;
    if (depth <= MAX_DEPTH) return;
    faults.push({ line: line + 1, column: character + 1 });
    throw new TooDeep();
  };
  const leave = () => void (depth -= 1);
  try {
    visit(
      text,
      {
        onArrayBegin: enter,
        onObjectBegin: enter,
        onArrayEnd: leave,
        onObjectEnd: leave,
        onError: (_code, offset, _length, line, character) =>
          void faults.push({ line: line + 1, column: character + 1 - lettersBefore(text, offset) }),
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
  }
  return faults[0] ?? { line: 1, column: 1 };
}

/** In `01` or `1a`, the second character is refused, and the whole word is the fault. */
function lettersBefore(text: string, offset: number): number {
  const isInWord = /^[\w.]/.test(text.slice(offset));
  return isInWord ? /[-\w.]*$/.exec(text.slice(0, offset))![0].length : 0;
}
