/** The path of an issuer: `/auth` for `https://host/auth`; empty for one at the root of its host. */
export function basePathOf(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}

/** Whether browsers reach this issuer under https, whatever the last hop to it is. */
export function isHttps(issuer: string): boolean {
  return new URL(issuer).protocol === 'https:';
}

/**
 * Where browsers send a cookie, and how its name begins (RFC 6265bis, section 4.1.3). `__Host-` demands the path `/`; below a
 * base path, a cookie with it would reach the other applications of the host.
 */
export function cookieScopeOf(issuer: string): { path: string; prefix: '' | '__Host-' | '__Secure-' } {
  const base = basePathOf(issuer);
  const path = base || '/';
  if (!isHttps(issuer)) return { path, prefix: '' };
  return { path, prefix: base ? '__Secure-' : '__Host-' };
}
