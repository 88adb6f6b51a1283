import type { ViewModels, Words } from '../../platform/view-model.ts';

/** What the sign-in page is given besides the frame of its interaction. */
export type SignInModel = {
  form: { login: string };
  /** Somebody is signed in and is asked again. */
  isAgain: boolean;
  /** What was wrong with the last try: the password, nothing typed, too many tries, or another way's name. */
  fault: string | undefined;
  /** Seconds until the next try. */
  wait: number | undefined;
  signInLinks: { name: string; href: string }[];
  methods: { name: string; action: string; model: unknown }[];
};

export const signInViewModels: ViewModels = {
  'sign-in': ({ isAgain, fault, wait = 0, t }: Words & SignInModel) => ({
    title: t(isAgain ? 'signIn.again' : 'signIn.title'),
    isInvalid: fault === 'wrong' || fault === 'missing',
    waitText:
      wait > 60
        ? t('signIn.limited', { count: Math.ceil(wait / 60) })
        : t('signIn.limitedSeconds', { count: Math.ceil(wait) }),
  }),
};
