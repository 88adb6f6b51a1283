import type { SignInStep } from '../../directory/module.ts';
import { themselves } from '../../platform/actor.ts';
import { listedRules as rules } from './password.ts';
import { passwordFormFaults } from './password-form.ts';
import type { Credentials } from './credentials.ts';

/** Users who sign in with a temporary password must change it before anything is issued. */
export function changePasswordStep({ credentials }: { credentials: Credentials }): SignInStep {
  return {
    name: 'change_password',
    view: 'change-password',
    isNeeded: ({ user }) => user.passwordIsTemporary,
    model: ({ user: { username } }) => ({ username, rules }),
    async submit({ user, session, fields: { password = '', password_again: again = '' } }) {
      if (password !== again) {
        const { faults } = await credentials.consider(user.id, password);
        return { faults: passwordFormFaults(faults, password, again) };
      }
      const { faults } = await credentials.change(themselves(user), session, password);
      return faults.length > 0 ? { faults: passwordFormFaults(faults, password, again) } : {};
    },
  };
}
