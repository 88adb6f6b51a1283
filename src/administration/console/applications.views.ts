import { fullName, queryOf, textsOf, wordsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { ClaimsPreview } from '../../directory/applications/application.ts';
import { factsOf } from './groups.views.ts';
import type { User } from './replies.ts';
import { impactRows } from './users.views.ts';

const FLAGS = ['skip_consent', 'require_pkce', 'requires_second_factor'];

type Form = Record<string, string | undefined>;

interface Claims extends Words {
  form: Form;
  /** The tokens that the claim may be in. */
  uses: string[];
  idTokenScopes: string[];
}

interface Preview extends Words {
  language: string;
  home: string;
  form: { q?: string };
  found: User[];
  /** The claims of the chosen user. */
  seen?: ClaimsPreview;
}

export const applicationViewModels: ViewModels = {
  'console/application-claims': ({ form, uses, idTokenScopes, faults, t }: Claims) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.claims.fields', t);
    const chosen = wordsOf(form['tokens']);
    const scopes = wordsOf(form['id_token_scopes']);
    return {
      labels,
      groupFault: faults['group_ids'] ? t('consoleApplication.claims.noGroup') : '',
      groupIds: wordsOf(form['groups']),
      useChoices: uses.map((use) => ({ use, isChosen: chosen.includes(use) })),
      scopeChoices: idTokenScopes.map((scope) => ({ scope, isChosen: scopes.includes(scope) })),
      facts: factsOf(form, labels, { flags: [], t }),
    };
  },

  'console/application-delete': impactRows,

  'console/application-preview': ({ home, form, found, seen, language, t }: Preview) => {
    const fact = (term: string, bytes: number) => ({
      term,
      value: t('consoleApplication.preview.size', { bytes: bytes.toLocaleString(language) }),
    });
    const { id_token: idToken = 0, access_token: accessToken = 0, claims = {} } = seen?.sizes ?? {};
    return {
      sizes: [
        ...Object.entries(claims).map(([name, bytes]) => fact(name, bytes)),
        fact(t('consoleApplication.preview.sizeOf.id_token'), idToken),
        fact(t('consoleApplication.preview.sizeOf.access_token'), accessToken),
      ],
      parts: (['id_token', 'userinfo'] as const).map((part) => ({
        part,
        json: JSON.stringify(seen?.[part], null, 2),
      })),
      rows: found.map((user) => ({
        ...user,
        name: fullName(user),
        href: `${home}/preview?${queryOf({ q: form.q || undefined, user_id: user.user_id })}`,
      })),
    };
  },

  'console/application-settings': ({ form, t }: Words & { form: Form }) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.fields', t);
    return { labels, facts: factsOf(form, labels, { flags: FLAGS, t }) };
  },
};
