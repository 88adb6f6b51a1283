import type { FormPage } from '../http/form-page.ts';
import type { Languages } from './languages.ts';
import type { Locales } from '../http/page-language.ts';

export interface LanguagePageOptions {
  languages: Languages;
  locales: Locales;
  issuer: string;
}

/** Where the switch at the foot of every page leads: it keeps the choice in this browser and shows the page again. */
export function languagePage({ languages, locales, issuer }: LanguagePageOptions): FormPage {
  return {
    path: '/language',
    show: async () => ({ redirect: '/' }),
    async submit({ fields }) {
      const language = languages.choose([fields['language']]);
      return {
        redirect: ownAddress(fields['return_to'] ?? '', issuer),
        ...(language ? { cookies: locales.remember(language) } : {}),
      };
    },
  };
}

// The whole address with our origin, not the path alone: a path may begin with two slashes once it is resolved.
function ownAddress(path: string, issuer: string): string {
  const { origin } = new URL(issuer);
  const url = path.startsWith('/') ? URL.parse(path, origin) : undefined;
  return url?.origin === origin ? `${issuer}${url.pathname}${url.search}` : '/';
}
