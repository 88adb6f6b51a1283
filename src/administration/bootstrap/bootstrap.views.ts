import { formFaults, type ViewModels, type Words } from '../../platform/view-model.ts';

export const bootstrapViewModels: ViewModels = {
  'set-up-owner': (words: Words) => {
    const { t } = words;
    const labels = {
      email: t('person.email'),
      first_name: t('person.firstName'),
      last_name: t('person.lastName'),
      password: t('password.label'),
      password_again: t('password.labelAgain'),
    };
    const { faulty, says } = formFaults(labels, words);
    return { labels, faulty, says, first: faulty[0] ?? 'email' };
  },
};
