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
const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/**
 * Why an address cannot be one that people are sent back to, or undefined when it can: https anywhere, http on loopback
 * only (RFC 8252, section 7.3), or an application's own scheme (section 7.1). No fragment, no wildcard, no credentials.
 */
export function faultOfRedirectUri(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (!url || /[\s\p{Cc}]/u.test(uri)) return 'must be an absolute address';
  if (DANGEROUS.has(url.protocol)) return `must not use ${url.protocol}`;
  if (uri.includes('#')) return 'must not have a fragment';
  if (uri.includes('*')) return 'must not hold a wildcard; addresses are compared exactly';
  if (url.username || url.password) return 'must not hold credentials';
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) return 'must be https unless it is a loopback address';
  return undefined;
}
