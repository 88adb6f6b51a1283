import { textsOf, wordsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import { factsOf } from './groups.views.ts';
import { impactRows } from './users.views.ts';

const FLAGS = ['skip_consent', 'require_pkce', 'requires_second_factor'];

type Form = Record<string, string | undefined>;

interface Claims extends Words {
  form: Form;
  /** The tokens that the claim may be in. */
  uses: string[];
}

export const applicationViewModels: ViewModels = {
  'console/application-claims': ({ form, uses, faults, t }: Claims) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.claims.fields', t);
    const chosen = wordsOf(form['tokens']);
    return {
      labels,
      groupFault: faults['group_ids'] ? t('consoleApplication.claims.noGroup') : '',
      groupIds: wordsOf(form['groups']),
      useChoices: uses.map((use) => ({ use, isChosen: chosen.includes(use) })),
      facts: factsOf(form, labels, { flags: [], t }),
    };
  },

  'console/application-delete': impactRows,

  'console/application-settings': ({ form, t }: Words & { form: Form }) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.fields', t);
    return { labels, facts: factsOf(form, labels, { flags: FLAGS, t }) };
  },
};
