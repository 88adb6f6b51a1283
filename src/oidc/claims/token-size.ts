import type { ClaimPolicy } from '../../directory/applications/claim-policy.ts';

/** A browser keeps no cookie that is larger (RFC 6265, section 6.1). */
export const COOKIE_BYTES = 4096;
/** What most proxies take as the headers of a request, by default. */
export const HEADER_BYTES = 8192;

/** How many bytes a text has in a token, encoded in base64url. */
const encoded = (text: string) => Math.ceil((Buffer.byteLength(text) * 4) / 3);

/** How many bytes a claim takes in a token. */
export const bytesOfClaim = (name: string, value: unknown): number => encoded(`${JSON.stringify({ [name]: value })},`);

/**
 * Which lists are too long for a token: each with too many entries; and then, the longest first, those without which the
 * others are small enough together.
 */
export function longLists(
  { limit, limitBytes }: Pick<ClaimPolicy, 'limit' | 'limitBytes'>,
  claims: Record<string, unknown>,
): string[] {
  const lists = Object.entries(claims).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const long = lists.filter(([, { length }]) => length > limit).map(([name]) => name);
  const rest = lists
    .filter(([name]) => !long.includes(name))
    .map(([name, list]) => ({ name, bytes: bytesOfClaim(name, list) }))
    .sort((a, b) => a.bytes - b.bytes);
  while (rest.reduce((sum, { bytes }) => sum + bytes, 0) > limitBytes) long.push(rest.pop()!.name);
  return long;
}
