import { formFaults, type ViewModels, type Words } from '../../platform/view-model.ts';

interface Register extends Words {
  /** The only domains that emails may have; none when all may. */
  domains: string[];
}

export const registrationViewModels: ViewModels = {
  register: ({ domains, ...words }: Register) => {
    const { t } = words;
    const labels = {
      email: t('person.email'),
      first_name: t('person.firstName'),
      last_name: t('person.lastName'),
      password: t('password.label'),
      password_again: t('password.labelAgain'),
      terms: t('register.terms'),
    };
    const domainList = domains.join(', ');
    const { faulty, says } = formFaults(labels, words, { domains: domainList });
    return { labels, faulty, says, first: faulty[0] ?? 'email', domainList };
  },
};
