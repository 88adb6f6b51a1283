import { parseCookie } from 'cookie';
import type { Context } from 'koa';
import { cookieScopeOf, isHttps } from '../issuer.ts';

/** What a page leaves in the browser. */
export interface PageCookie {
  value: string;
  maxAgeSeconds: number;
}

const PREFIX = 'cohort_';

/**
 * The cookies of pages. Only this origin reads them, no script does, and other sites' forms do not send them; under
 * https their name says so (RFC 6265bis, section 4.1.3).
 */
export function createPageCookies(issuer: string) {
  const isSecure = isHttps(issuer);
  const { path, prefix: secured } = cookieScopeOf(issuer);
  const prefix = `${secured}${PREFIX}`;

  function read(ctx: Context): Record<string, string> {
    // Values are written as they are, without percent-encoding.
    const cookies = Object.entries(parseCookie(ctx.get('cookie'), { decode: (value) => value }));
    const ours = cookies.filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(ours.map(([name, value = '']) => [name.slice(prefix.length), value]));
  }

  function write(ctx: Context, cookies: Record<string, PageCookie | null>): void {
    // The library would judge by this hop, which is not encrypted behind a proxy; the issuer's scheme is what the browser sees.
    ctx.cookies.secure = isSecure;
    for (const [name, cookie] of Object.entries(cookies)) {
      ctx.cookies.set(`${prefix}${name}`, cookie?.value ?? null, {
        httpOnly: true,
        sameSite: 'lax',
        secure: isSecure,
        signed: false,
        path,
        ...(cookie ? { maxAge: cookie.maxAgeSeconds * 1000 } : {}),
      });
    }
  }

  return { read, write };
}
