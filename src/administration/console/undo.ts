/** A form that takes back what was just done. */
export interface Undo {
  /** Where the form goes; its fields are what is sent. */
  action: string;
  fields: Record<string, string>;
}

/** What was just done, as the page says it that comes next. */
export interface Deed {
  /** The page. */
  path: string;
  /** `console.done.<what>`, as the address of that page says it. */
  what: string;
  undo?: Undo;
}

/** Browsers keep no more in a cookie. */
const MOST_CHARACTERS = 3000;

/**
 * For a cookie: someone else could make up a URL, which would say that something was done that was not, or offer any
 * action as an undo. An undo that is too long for a cookie is left out.
 */
export function packDeed(deed: Deed): string {
  const packed = Buffer.from(JSON.stringify(deed)).toString('base64url');
  const { path, what } = deed;
  return packed.length <= MOST_CHARACTERS || !deed.undo ? packed : packDeed({ path, what });
}

/** What the browser kept, if it belongs to this page and to what the page says was done. */
export function unpackDeed(packed: string | undefined, path: string, what: string | undefined): Deed | undefined {
  if (!packed || what === undefined) return undefined;
  try {
    const deed = JSON.parse(Buffer.from(packed, 'base64url').toString()) as Deed;
    return deed.path === path && deed.what === what ? deed : undefined;
  } catch {
    return undefined;
  }
}
