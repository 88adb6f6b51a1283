import { setting } from './setting.ts';
import { onOff, whole } from './shapes.ts';

/** Multi-factor authentication. */
export const secondFactorSettings = {
  mailCodes: setting(
    'COHORT_EMAIL_OTP',
    onOff,
    'off',
    'Whether users who must use MFA and have no factor may use one-time codes sent by email.',
    { changeable: true },
  ),
  rememberDeviceDays: setting(
    'COHORT_TRUSTED_DEVICE_DAYS',
    whole(0, 365),
    '30',
    'Days for which a trusted device skips MFA. 0 turns trusted devices off.',
    { changeable: true },
  ),
  codeAttempts: setting(
    'COHORT_OTP_ATTEMPTS',
    whole(1, 100000),
    '5',
    'MFA code attempts per account in 15 minutes. The daily limit is four times this.',
  ),
};
