/** A form that takes back what was just done. */
export interface Undo {
  /** The page that it is offered on. */
  path: string;
  /** What was done, as the address of that page says it. */
  what: string;
  /** Where the form goes; its fields are what is sent. */
  action: string;
  fields: Record<string, string>;
}

/** Browsers keep no more in a cookie. */
const MOST_CHARACTERS = 3000;

/** For the browser to keep: an address could be made up by somebody else, and would offer to do what they want. */
export function packUndo(undo: Undo): string | undefined {
  const packed = Buffer.from(JSON.stringify(undo)).toString('base64url');
  return packed.length <= MOST_CHARACTERS ? packed : undefined;
}

/** What the browser kept, if it belongs to this page and to what the page says was done. */
export function unpackUndo(packed: string | undefined, path: string, what: string | undefined): Undo | undefined {
  if (!packed || what === undefined) return undefined;
  try {
    const undo = JSON.parse(Buffer.from(packed, 'base64url').toString()) as Undo;
    return undo.path === path && undo.what === what ? undo : undefined;
  } catch {
    return undefined;
  }
}
