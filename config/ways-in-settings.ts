import { setting } from './setting.ts';
import { optionalAddress, selfRegistration, whole } from './shapes.ts';

/** How people come by an account and back into it. */
export const waysInSettings = {
  selfRegistration: setting(
    'COHORT_SELF_REGISTRATION',
    selfRegistration,
    'closed',
    'Who may create an account of their own: nobody (closed), everybody (open), or the owners of addresses in some domains, with spaces between.',
    { changeable: true },
  ),
  termsUrl: setting(
    'COHORT_TERMS_URL',
    optionalAddress,
    undefined,
    'The terms that a person agrees to when they create an account; without them nothing is asked.',
    { changeable: true },
  ),
  invitationDays: setting('COHORT_INVITATION_DAYS', whole(1, 365), '7', 'How long an invitation can be accepted.', {
    changeable: true,
  }),
  temporaryPasswordDays: setting(
    'COHORT_TEMPORARY_PASSWORD_DAYS',
    whole(1, 365),
    '7',
    'How long a password that an administrator set is good for a first sign-in.',
    { changeable: true },
  ),
  accountRequests: setting(
    'COHORT_ACCOUNT_REQUESTS',
    whole(1, 100000),
    '5',
    'How often in an hour a new password or a new account may be asked for with one e-mail address, or a link be tried.',
  ),
  accountRequestsByAddress: setting(
    'COHORT_ACCOUNT_REQUESTS_BY_ADDRESS',
    whole(1, 1000000),
    '50',
    'How often in an hour from one network address.',
  ),
};
