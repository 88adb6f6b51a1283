import { formFaults, type ViewModels, type Words } from '../../platform/view-model.ts';

interface AcceptInvitation extends Words {
  form: { first_name?: string };
  groups: string[];
}

export const invitationViewModels: ViewModels = {
  'accept-invitation': ({ form, groups, ...words }: AcceptInvitation) => {
    const { t } = words;
    const labels = {
      first_name: t('person.firstName'),
      last_name: t('person.lastName'),
      password: t('password.label'),
      password_again: t('password.labelAgain'),
    };
    const { faulty, says } = formFaults(labels, words);
    const first = faulty[0] ?? (form.first_name ? 'password' : 'first_name');
    return { labels, faulty, says, first, groupNames: groups.join(', ') };
  },
};
