import type { SignInStep } from '../module.ts';
import type { ApplicationAccess } from './application-access.ts';

/** Ends the sign-in of a user who may not sign in to the application, on a page that says whom to ask. */
export const accessStep = ({ mayAccess }: Pick<ApplicationAccess, 'mayAccess'>): SignInStep => ({
  name: 'access',
  // RFC 6749, section 4.1.2.1.
  error: 'access_denied',
  view: 'no-access',
  isNeeded: async ({ user, application }) => application !== undefined && !(await mayAccess(user, application)),
  model: ({ application, user }) => ({ contact: application?.access?.contact, username: user.username }),
  // There is nothing to do but to leave; whether access was given in the meantime is asked before.
  submit: async () => ({ more: {} }),
});
