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
