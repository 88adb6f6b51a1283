import { z } from 'zod';
import { defineError } from './errors.ts';
import { compareKeys } from './sort-keys.ts';

export const BadCursor = defineError('invalid', 'bad_cursor', 'The cursor is not valid for this list.');

export const PAGE_LIMIT = { default: 50, max: 200 } as const;

/** Where a page begins: after the item with this sort key or, going back, before it. Without a key, at the list's end. */
export interface Position {
  key?: string;
  backward: boolean;
}

export interface PageRequest {
  /** The name of the list in its order; a cursor is good for the list that gave it out and for no other. */
  list: string;
  limit: number;
  position?: Position | undefined;
  withCount?: boolean | undefined;
}

/** How many there are in the whole list: never computed by reading all of it. */
export interface Count {
  value: number;
  relation: 'exact' | 'at_least' | 'estimated';
}

/** A page: its items and the cursors of its neighbours, null where there is none. */
export interface Page<T> {
  items: T[];
  next: string | null;
  previous: string | null;
  count?: Count;
}

/** What a store found, in the direction of reading. */
export interface Reading<T> {
  /** At most one more than was asked for: that one only tells that there is more. */
  items: T[];
  /** The key at which a search gave up for now, because it had looked at enough that did not match. */
  stoppedAt?: string | undefined;
}

const MAX_CURSOR = 4096;
const cursorShape = z.strictObject({
  l: z.string().max(64),
  k: z.string().max(3000).optional(),
  b: z.literal(1).optional(),
});

export const cursorParameter = z.string().min(1).max(MAX_CURSOR);

/** An opaque cursor that only the list of that name takes back. */
export function encodeCursor(list: string, { key, backward }: Position): string {
  const fields = { l: list, ...(key === undefined ? {} : { k: key }), ...(backward ? { b: 1 } : {}) };
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** @throws BadCursor for anything that `encodeCursor` did not make for this list. */
export function decodeCursor(list: string, cursor: string): Position {
  try {
    const { l, k, b } = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    const position = { ...(k === undefined ? {} : { key: k }), backward: b === 1 };
    if (l === list && encodeCursor(list, position) === cursor) return position;
  } catch {
    // Not ours; answered below like every other foreign cursor.
  }
  throw BadCursor({ faults: [{ parameter: 'cursor', detail: 'is not a cursor of this list with these criteria' }] });
}

/** What a list's query asks for. @throws BadCursor */
export function toPageRequest(
  list: string,
  { limit, cursor, count }: { limit: number; cursor?: string | undefined; count?: boolean | undefined },
): PageRequest {
  const position = cursor === undefined ? undefined : decodeCursor(list, cursor);
  return { list, limit, ...(position ? { position } : {}), ...(count ? { withCount: true } : {}) };
}

/** Makes a page of what was read: in the list's own order whichever way it was read, with the cursors of its neighbours. */
export function toPage<T>(
  { list, limit, position }: Pick<PageRequest, 'list' | 'limit' | 'position'>,
  { items: found, stoppedAt }: Reading<T>,
  keyOf: (item: T) => string,
): Page<T> {
  const items = found.slice(0, limit);
  const keyOfEdge = (item: T | undefined) => (item === undefined ? stoppedAt : keyOf(item));
  const isMore = found.length > limit || stoppedAt !== undefined;
  const onward = found.length > limit ? keyOfEdge(items.at(-1)) : stoppedAt;
  const onwardCursor = (backward: boolean) =>
    isMore && onward !== undefined ? encodeCursor(list, { key: onward, backward }) : null;
  const cameFrom = (backward: boolean) => {
    const key = keyOfEdge(items[0]);
    return position ? encodeCursor(list, { ...(key === undefined ? {} : { key }), backward }) : null;
  };
  if (position?.backward) return { items: items.toReversed(), next: cameFrom(false), previous: onwardCursor(true) };
  return { items, next: onwardCursor(false), previous: cameFrom(true) };
}

/** A page of what is in memory anyway, in the order of keys that no two items share. */
export function pageOfItems<T>(items: T[], request: PageRequest, keyOf: (item: T) => string): Page<T> {
  const { limit, position, withCount } = request;
  const step = position?.backward ? -1 : 1;
  const from = position?.key;
  const ahead = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => from === undefined || step * compareKeys(key, from) > 0)
    .sort((a, b) => step * compareKeys(a.key, b.key));
  const page = toPage(request, { items: ahead.slice(0, limit + 1) }, ({ key }) => key);
  const count = withCount ? { count: { value: items.length, relation: 'exact' as const } } : {};
  return { ...page, items: page.items.map(({ item }) => item), ...count };
}

/** Everything in a list, page by page, for those who take all of it along. */
export async function readAllPages<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let page: PageRequest | undefined = { list: '', limit: PAGE_LIMIT.max };
  while (page) {
    const { items, next }: Page<T> = await read(page);
    all.push(...items);
    page = next === null ? undefined : { ...page, position: decodeCursor('', next) };
  }
  return all;
}
