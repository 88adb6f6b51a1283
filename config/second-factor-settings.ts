import { setting } from './setting.ts';
import { onOff, whole } from './shapes.ts';

/** What people prove themselves with besides their password. */
export const secondFactorSettings = {
  mailCodes: setting(
    'COHORT_MAIL_CODES',
    onOff,
    'off',
    'Whether a code by letter will do as a second factor for those who must use one and have no other: on or off.',
    { changeable: true },
  ),
  rememberDeviceDays: setting(
    'COHORT_REMEMBER_DEVICE_DAYS',
    whole(0, 365),
    '30',
    'For how long a browser can be spared the second factor when its owner wants that; 0 for never.',
    { changeable: true },
  ),
  codeAttempts: setting(
    'COHORT_CODE_ATTEMPTS',
    whole(1, 100000),
    '5',
    'How often in a quarter of an hour codes may be tried on one account, and four times as often in a day.',
  ),
};
