import type { ViewModels, Words } from '../../platform/view-model.ts';

interface SecondFactor extends Words {
  method: string;
  /** How long the device can be trusted; 0 when it cannot. */
  rememberDays: number;
  /** Seconds until the next try. */
  wait?: number;
}

interface RecoveryCodes extends Words {
  username: string;
  codes: string[];
}

export const mfaViewModels: ViewModels = {
  'second-factor': ({ method, rememberDays, wait = 0, faults, t }: SecondFactor) => ({
    minutes: Math.ceil(wait / 60),
    said: faults['code'] && t(`secondFactor.faults.${faults['code'] === 'missing' ? 'missing' : method}`),
    remember: {
      label: t('secondFactor.remember', { count: rememberDays }),
      name: 'remember',
      isChecked: false,
      optional: true,
      fault: undefined,
      autofocus: false,
    },
  }),

  'recovery-codes': ({ brand, username, codes }: RecoveryCodes) => {
    const text = [`${brand}, ${username}`, '', ...codes, ''].join('\n');
    return { fileAddress: `data:text/plain;charset=utf-8,${encodeURIComponent(text)}` };
  },
};
