/** JSON as a user types it: what it says, or where it stops being JSON; line and column count from one. */
export type JsonText = { value: unknown } | { fault: { line: number; column: number } };

/** Whitespace and one token (RFC 8259, sections 2 to 7). A group is left empty by a token of another kind. */
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))|$)/y;

/** The engine reads it; only what it refuses is read again, since it does not always say where it stopped. */
export function readJsonText(text: string): JsonText {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: placeOf(text, faultAt(text)) };
  }
}

/** What may come next, by the kind of token: an opening bracket, a string, … */
type Wanted = 'value' | 'key' | 'colon' | 'more' | 'value or end' | 'key or end' | 'nothing';

/** The position of the first token that cannot stand where it stands. */
function faultAt(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const start = at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0);
    const found = TOKEN.exec(text);
    if (!found || start === text.length) return start;
    const next = follow(wanted, found[1] ?? (found[2] ? 'string' : 'literal'), open);
    if (!next) return start;
    wanted = next;
    at = TOKEN.lastIndex;
  }
}

/** What is wanted after this token; undefined when it is not what was wanted. `open` are the brackets to be closed. */
function follow(wanted: Wanted, token: string, open: string[]): Wanted | undefined {
  const takesValue = wanted === 'value' || wanted === 'value or end';
  const takesKey = wanted === 'key' || wanted === 'key or end';
  const after = (): Wanted => (open.length > 0 ? 'more' : 'nothing');
  switch (token) {
    case '{':
    case '[':
      if (!takesValue) return undefined;
      open.push(token === '{' ? '}' : ']');
      return token === '{' ? 'key or end' : 'value or end';
    case '}':
    case ']': {
      const isEmpty = wanted === (token === '}' ? 'key or end' : 'value or end');
      if (open.at(-1) !== token || (wanted !== 'more' && !isEmpty)) return undefined;
      open.pop();
      return after();
    }
    case ',':
      if (wanted !== 'more') return undefined;
      return open.at(-1) === '}' ? 'key' : 'value';
    case ':':
      return wanted === 'colon' ? 'value' : undefined;
    default:
      if (takesKey) return token === 'string' ? 'colon' : undefined;
      return takesValue ? after() : undefined;
  }
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
