import { BlockList, isIP, isIPv6 } from 'node:net';
import { isLoopbackHost } from '../../../config/shapes.ts';

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

/** Private networks (RFC 1918 and RFC 4193). */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** What can be wrong with an address, and the sentence for it. */
const SENTENCES = {
  not_absolute: () => 'must be an absolute URI',
  dangerous: (scheme: string) => `must not use ${scheme}`,
  fragment: () => 'must not have a fragment',
  wildcard: () => 'must not contain a wildcard, because redirect URIs are compared exactly',
  credentials: () => 'must not contain credentials',
  host: () => 'must have a host of letters, digits, dots and dashes',
  not_https: () => 'must use https unless the host is a loopback address',
  private_network: () =>
    'must use https: http to private networks is only allowed for web applications and with COHORT_ALLOW_PRIVATE_HTTP_REDIRECT_URIS',
};
export type RedirectUriFault = keyof typeof SENTENCES;

/**
 * Why a URI cannot be a redirect URI, or undefined if it can: https anywhere, http on loopback (RFC 8252, section 7.3) and,
 * as far as this goes, to addresses in private networks (`privateNetworkFault`), or an application's own scheme (section 7.1). No fragment, no wildcard, no credentials.
 */
export function redirectUriFault(uri: string): RedirectUriFault | undefined {
  const url = URL.parse(uri);
  if (!url || /[\s\p{Cc}]/u.test(uri)) return 'not_absolute';
  if (DANGEROUS.has(url.protocol)) return 'dangerous';
  if (uri.includes('#')) return 'fragment';
  if (uri.includes('*')) return 'wildcard';
  if (url.username || url.password) return 'credentials';
  if (url.hostname && !HOST.test(url.hostname)) return 'host';
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname) && !isPrivate(url.hostname)) return 'not_https';
  return undefined;
}

/** The fault of an http URI to a private network, which only the operator can allow. */
export function privateNetworkFault(uri: string): 'private_network' | undefined {
  const url = URL.parse(uri);
  return url?.protocol === 'http:' && isPrivate(url.hostname) ? 'private_network' : undefined;
}

function isPrivate(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) > 0 && PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The same as a sentence without its subject. */
export function faultOfRedirectUri(uri: string): string | undefined {
  const fault = redirectUriFault(uri);
  return fault && sentenceOf(fault, uri);
}

export const sentenceOf = (fault: RedirectUriFault, uri: string): string =>
  SENTENCES[fault](URL.parse(uri)?.protocol ?? '');
