import type { Context } from 'koa';
import type { Clock } from '../base/clock.ts';
import type { Languages } from './languages.ts';
import { createPageCookies } from './page-cookies.ts';
import type { PageCookie } from './form-page.ts';

/** The locale of a page. */
export interface Voice {
  /** One of the offered languages. */
  language: string;
  /** The time zone of its times; UTC for an unknown user. */
  timeZone?: string | undefined;
}

/** What is known of the reader of a page besides what the request says. */
export interface Reader {
  /** The languages that the application asked for, the best first (`ui_locales`, OpenID Connect Core 3.1.2.1). */
  uiLocales?: string | undefined;
  /** The language and the time zone of their profile. */
  locale?: string | undefined;
  timeZone?: string | undefined;
}

export type Voices = ReturnType<typeof createVoices>;

const COOKIE = 'language';
const YEAR_SECONDS = 365 * 24 * 3600;
/** As long as the pages of one sign-in may take. */
const FRESH_SECONDS = 3600;

/**
 * Chooses the language of a page: what the application asked for, what the visitor chose in this browser, their profile,
 * what the browser says (Accept-Language), the first that is offered. A choice of the last hour comes before all: whoever
 * made it looks at the page now.
 */
export function createVoices({ languages, origin, now }: { languages: Languages; origin: string; now: Clock }) {
  const cookies = createPageCookies(origin);
  const seconds = () => Math.floor(now().getTime() / 1000);

  function of(ctx: Context, { uiLocales, locale, timeZone }: Reader = {}): Voice {
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
