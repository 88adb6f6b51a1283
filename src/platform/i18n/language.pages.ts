import type { FormPage } from '../http/form-page.ts';
import type { Languages } from './languages.ts';
import type { Voices } from '../http/page-language.ts';

export interface LanguagePageOptions {
  languages: Languages;
  voices: Voices;
  origin: string;
}

/** Where the switch at the foot of every page leads: it keeps the choice in this browser and shows the page again. */
export function languagePage({ languages, voices, origin }: LanguagePageOptions): FormPage {
  return {
    path: '/language',
    show: async () => ({ redirect: '/' }),
    async submit({ fields }) {
      const language = languages.choose([fields['language']]);
      return {
        redirect: ownAddress(fields['return_to'] ?? '', origin),
        ...(language ? { cookies: voices.remember(language) } : {}),
      };
    },
  };
}

// The whole address with our origin, not the path alone: a path may begin with two slashes once it is resolved.
function ownAddress(path: string, origin: string): string {
  const url = path.startsWith('/') ? URL.parse(path, origin) : undefined;
  return url?.origin === origin ? url.href : '/';
}
