import type { Application } from '../../directory/applications/application.ts';
import type { PageCookie } from '../../platform/http/page-cookies.ts';

/** The cookie with the latest sign-ins that were begun in a browser, and the applications they were for. */
const COOKIE = 'sign_ins';
const MOST = 5;
const WEEK_SECONDS = 7 * 24 * 3600;

const entriesOf = (cookies: Record<string, string>): string[] =>
  (cookies[COOKIE] ?? '').split('|').filter((entry) => /^[\w-]{1,64}:[\w.-]{1,100}$/.test(entry));

/** Remembers which application a sign-in is for, so that its page can say so when the sign-in has ended. */
export function rememberSignIn(
  cookies: Record<string, string>,
  { uid, clientId }: { uid: string; clientId: string },
): Record<string, PageCookie> {
  const entry = `${uid}:${clientId}`;
  const others = entriesOf(cookies).filter((each) => each !== entry);
  return { [COOKIE]: { value: [entry, ...others].slice(0, MOST).join('|'), maxAgeSeconds: WEEK_SECONDS } };
}

/** The application that a sign-in was for, if it was begun in this browser not long ago. */
export function applicationOfSignIn(cookies: Record<string, string>, uid: string): string | undefined {
  const entry = entriesOf(cookies).find((each) => each.startsWith(`${uid}:`));
  return entry?.slice(uid.length + 1);
}

/** Where users begin in an application: where it starts a sign-in, its home page, or the site that it is on. */
export function entranceOf({ metadata }: Application, issuer: string): string | undefined {
  const { initiate_login_uri: initiate, client_uri: home, redirect_uris: redirects } = metadata;
  const text = (value: unknown) => (typeof value === 'string' ? URL.parse(value) : null);
  const start = text(initiate);
  // OpenID Connect Core 4.
  start?.searchParams.set('iss', issuer);
  const [redirect] = Array.isArray(redirects) ? (redirects as unknown[]) : [];
  const site = text(redirect);
  const isWeb = site?.protocol === 'https:' || site?.protocol === 'http:';
  return start?.href ?? text(home)?.href ?? (isWeb ? `${site.origin}/` : undefined);
}
