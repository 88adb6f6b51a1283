import { z } from 'zod';
import { defineError } from './errors.ts';

export const BadCursor = defineError('invalid', 'bad_cursor', 'The cursor is not one that this list gave out.');

export const PAGE_LIMIT = { default: 50, max: 200 } as const;

/** A page request: how many, and the sort value of the last item already seen. */
export interface PageRequest {
  limit: number;
  after?: string;
}

/** A page: its items and the cursor of the next one, or null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

const cursorShape = z.strictObject({ l: z.string().max(64), a: z.string().max(1024) });

/** Turns the sort value of a page's last item into an opaque cursor that only the list of that name takes back. */
export function encodeCursor(list: string, after: string): string {
  return Buffer.from(JSON.stringify({ l: list, a: after })).toString('base64url');
}

/** @throws BadCursor for anything that `encodeCursor` did not make for this list. */
export function decodeCursor(list: string, cursor: string): string {
  try {
    const parsed = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.l === list && encodeCursor(list, parsed.a) === cursor) return parsed.a;
  } catch {
    // Not ours; answered below like every other foreign cursor.
  }
  throw BadCursor({ faults: [{ parameter: 'cursor', detail: 'is not a cursor of this list' }] });
}

/** What a list's query asks for. @throws BadCursor */
export function toPageRequest(
  list: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): PageRequest {
  return cursor === undefined ? { limit } : { limit, after: decodeCursor(list, cursor) };
}

/** Cuts a page out of `limit + 1` found items: the extra one only tells that there is a next page. */
export function toPage<T>(list: string, found: T[], limit: number, sortValue: (item: T) => string): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? encodeCursor(list, sortValue(last)) : null;
  return { items, next };
}
