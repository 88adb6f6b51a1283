import type { Actor } from '../actor.ts';

/** Encrypts what a list hands out to go on from. */
export interface CursorBox {
  encrypt(cursor: string): string;
  /** @throws Error for what was not encrypted here */
  decrypt(encrypted: string): string;
}

/**
 * A cursor is the sort key at which a search stopped, which may be that of something that it left out: a name that an
 * administrator with an admin scope must not read. So theirs are encrypted.
 */
export function createHiddenCursors({ encrypt, decrypt }: CursorBox) {
  function toQuery({ adminScope }: Actor, query: Record<string, string>): Record<string, string> {
    const { cursor } = query;
    return adminScope && cursor ? { ...query, cursor: openOrKeep(cursor) } : query;
  }

  /** What was never encrypted is no cursor for the list either, and is refused there. */
  function openOrKeep(cursor: string): string {
    try {
      return decrypt(cursor);
    } catch {
      return 'none';
    }
  }

  function toReply({ adminScope }: Actor, body: unknown): unknown {
    if (!adminScope || typeof body !== 'object' || body === null || !('next' in body)) return body;
    const hidden = (['next', 'previous'] as const).flatMap((name) => {
      const cursor = (body as Record<string, unknown>)[name];
      return typeof cursor === 'string' ? [[name, encrypt(cursor)] as const] : [];
    });
    return { ...body, ...Object.fromEntries(hidden) };
  }

  return { toQuery, toReply };
}
