import { isUtf8 } from 'node:buffer';
import { defineError } from './errors.ts';
import { decodePercents } from './percent-encoding.ts';

export const NotUtf8 = defineError(
  'invalid',
  'not_utf8',
  'The request contains text that is not UTF-8. Nothing was changed.',
);

/** Whether Latin-1 text is UTF-8 when `%FC` is the byte that it stands for. */
function isUtf8Decoded(text: string): boolean {
  // All others stand for ASCII, as nearly always.
  if (!/%[89a-f][0-9a-f]/i.test(text)) return true;
  return isUtf8(Buffer.from(decodePercents(text), 'latin1'));
}

/** Whether a form (application/x-www-form-urlencoded) is UTF-8, and stays UTF-8 when it is decoded. */
export const isUtf8Form = (bytes: Buffer): boolean => isUtf8(bytes) && isUtf8Decoded(bytes.toString('latin1'));

/**
 * Whether a path and query as they were requested are ASCII (RFC 3986, section 2) and stand for UTF-8. Node reads other
 * bytes as Latin-1, which changes what was sent.
 */
export const isUtf8Url = (url: string): boolean => /^[\x20-\x7E]*$/.test(url) && isUtf8Decoded(url);

/** The charset that a Content-Type names; empty without one. RFC 9110, section 8.3.1: quotes and case do not matter. */
export function charsetOf(contentType: string): string {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? '';
}

/** The one charset that is read, under both of its usual names. */
export const isUtf8Charset = (charset: string): boolean => ['', 'utf-8', 'utf8'].includes(charset);
