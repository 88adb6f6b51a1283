import { setting } from './setting.ts';
import { optionalUrl, selfRegistration, whole } from './shapes.ts';

/** Sign-up, invitations, password resets. */
export const onboardingSettings = {
  selfRegistration: setting(
    'COHORT_SELF_REGISTRATION',
    selfRegistration,
    'closed',
    'Who may sign up: nobody, everybody, or users with an email address in one of the domains.',
    { changeable: true },
  ),
  termsUrl: setting(
    'COHORT_TERMS_URL',
    optionalUrl,
    undefined,
    'Terms of service to accept at sign-up. Without them, sign-up does not ask.',
    { changeable: true },
  ),
  invitationDays: setting('COHORT_INVITATION_DAYS', whole(1, 365), '7', 'Days until an invitation expires.', {
    changeable: true,
  }),
  temporaryPasswordDays: setting(
    'COHORT_TEMPORARY_PASSWORD_DAYS',
    whole(1, 365),
    '7',
    'Days until a temporary password expires.',
    { changeable: true },
  ),
  accountRequests: setting(
    'COHORT_ACCOUNT_EMAILS_PER_HOUR',
    whole(1, 100000),
    '5',
    'Password resets, sign-ups and attempts on a one-time link per email address and hour.',
  ),
  accountRequestsByAddress: setting(
    'COHORT_ACCOUNT_EMAILS_PER_HOUR_PER_IP',
    whole(1, 1000000),
    '50',
    'The same limit per IP address.',
  ),
};
