import { formFaults, type ViewModels, type Words } from '../../platform/view-model.ts';

export const passwordResetViewModels: ViewModels = {
  recover: ({ t }: Words) => ({ labels: { email: t('person.email') } }),

  'reset-password': (words: Words) => {
    const { t } = words;
    const labels = { password: t('password.new'), password_again: t('password.newAgain') };
    const [first = 'password'] = formFaults(labels, words).faulty;
    return { labels, first };
  },
};
