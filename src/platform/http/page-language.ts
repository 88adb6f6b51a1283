import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import type { Languages } from '../i18n/languages.ts';
import type { Reader, Locale } from '../i18n/reader.ts';
import { createPageCookies, type PageCookie } from './page-cookies.ts';

export type Locales = ReturnType<typeof createLocales>;

const COOKIE = 'language';
const YEAR_SECONDS = 365 * 24 * 3600;
/** As long as the pages of one sign-in may take. */
const FRESH_SECONDS = 3600;

/**
 * Chooses the language of a page: what the application asked for, what the visitor chose in this browser, their profile,
 * what the browser says (Accept-Language), the first that is offered. A choice of the last hour comes before all: whoever
 * made it looks at the page now.
 */
export function createLocales({ languages, issuer, now }: { languages: Languages; issuer: string; now: Clock }) {
  const cookies = createPageCookies(issuer);
  const seconds = () => Math.floor(now().getTime() / 1000);

  function of(ctx: Context, { uiLocales, locale, timeZone }: Reader = {}): Locale {
    const asked = uiLocales ?? textOf(ctx.query['ui_locales']);
    const [, chosen, at] = /^([\w-]{2,35})\.(\d{1,12})$/.exec(cookies.read(ctx)[COOKIE] ?? '') ?? [];
    const isFresh = seconds() - Number(at) < FRESH_SECONDS;
    const wishes = [isFresh ? chosen : undefined, ...asked.split(' '), chosen, locale];
    return { language: languages.choose(wishes) ?? acceptedBy(ctx), timeZone };
  }

  const acceptedBy = (ctx: Context) => ctx.acceptsLanguages([...languages.offered]) || languages.offered[0];

  /** The cookie with which a browser remembers a choice. */
  function remember(language: string): Record<string, PageCookie> {
    return { [COOKIE]: { value: `${language}.${seconds()}`, maxAgeSeconds: YEAR_SECONDS } };
  }

  return { of, remember };
}

/** Takes the visitor's choice back, so that their profile counts. */
export const forgetChoice = { [COOKIE]: null };

const textOf = (value: string | string[] | undefined) => [value].flat().at(-1) ?? '';
