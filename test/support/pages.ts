import type { House } from '../../src/app/app.ts';

const NOBODY = 'ffffffffffffffff';

/** The paths of all pages that can be shown or sent, with ids of nothing in them. */
export function pathOfPages({ rooms }: House, verb: 'show' | 'submit'): string[] {
  const pages = rooms.flatMap((room) => room.pages ?? []).filter((page) => page[verb]);
  return pages.map(({ path }) => path.replace(/:\w+/g, NOBODY).replace(/\*\w+/g, NOBODY));
}
