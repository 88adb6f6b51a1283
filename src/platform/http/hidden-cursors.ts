import type { Actor } from '../actor.ts';

/** Encrypts what a list hands out to go on from. */
export interface CursorBox {
  seal(cursor: string): string;
  /** @throws Error for what was not encrypted here */
  open(sealed: string): string;
}

/**
 * A cursor is the sort key at which a search stopped, which may be that of something that it left out: a name that an
 * administrator with an admin scope must not read. So theirs are encrypted.
 */
export function createHiddenCursors({ seal, open }: CursorBox) {
  function toQuery({ limitedTo }: Actor, query: Record<string, string>): Record<string, string> {
    const { cursor } = query;
    return limitedTo && cursor ? { ...query, cursor: openOrKeep(cursor) } : query;
  }

  /** What was never encrypted is no cursor for the list either, and is refused there. */
  function openOrKeep(cursor: string): string {
    try {
      return open(cursor);
    } catch {
      return 'none';
    }
  }

  function toReply({ limitedTo }: Actor, body: unknown): unknown {
    if (!limitedTo || typeof body !== 'object' || body === null || !('next' in body)) return body;
    const hidden = (['next', 'previous'] as const).flatMap((name) => {
      const cursor = (body as Record<string, unknown>)[name];
      return typeof cursor === 'string' ? [[name, seal(cursor)] as const] : [];
    });
    return { ...body, ...Object.fromEntries(hidden) };
  }

  return { toQuery, toReply };
}
