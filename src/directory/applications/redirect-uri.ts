/** Schemes that run or read something instead of leading to an application. */
const DANGEROUS = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'filesystem:',
  'view-source:',
  'ws:',
  'wss:',
  'ftp:',
]);
/** Names and addresses (RFC 3986, section 3.2.2) that stay one word wherever a host is written, as in a security policy. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/i;
const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** What can be wrong with an address, and the sentence for it. */
const SENTENCES = {
  not_absolute: () => 'must be an absolute URI',
  dangerous: (scheme: string) => `must not use ${scheme}`,
  fragment: () => 'must not have a fragment',
  wildcard: () => 'must not contain a wildcard, because redirect URIs are compared exactly',
  credentials: () => 'must not contain credentials',
  host: () => 'must have a host of letters, digits, dots and dashes',
  not_https: () => 'must use https unless the host is a loopback address',
};
export type RedirectUriFault = keyof typeof SENTENCES;

/**
 * Why a URI cannot be a redirect URI, or undefined if it can: https anywhere, http on loopback
 * only (RFC 8252, section 7.3), or an application's own scheme (section 7.1). No fragment, no wildcard, no credentials.
 */
export function redirectUriFault(uri: string): RedirectUriFault | undefined {
  const url = URL.parse(uri);
  if (!url || /[\s\p{Cc}]/u.test(uri)) return 'not_absolute';
  if (DANGEROUS.has(url.protocol)) return 'dangerous';
  if (uri.includes('#')) return 'fragment';
  if (uri.includes('*')) return 'wildcard';
  if (url.username || url.password) return 'credentials';
  if (url.hostname && !HOST.test(url.hostname)) return 'host';
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) return 'not_https';
  return undefined;
}

/** The same as a sentence without its subject. */
export function faultOfRedirectUri(uri: string): string | undefined {
  const fault = redirectUriFault(uri);
  return fault && SENTENCES[fault](URL.parse(uri)?.protocol ?? '');
}
