import type { SignInStep } from '../room.ts';
import { passwordRules } from './password.ts';
import type { Credentials } from './credentials.ts';

/** Who signs in with a password that an administrator chose must choose one of their own before anything is issued. */
export function changePasswordStep({ credentials }: { credentials: Credentials }): SignInStep {
  return {
    name: 'change_password',
    view: 'change-password',
    isNeeded: (person) => person.passwordIsTemporary,
    model: (person) => ({
      username: person.username,
      rules: passwordRules.filter(({ key }) => key !== 'long').map(({ key }) => key),
    }),
    async submit(person, { password = '', password_again: again = '' }) {
      if (password !== again) {
        const { faults } = await credentials.consider(person.id, password);
        return {
          faults: { password_again: 'different', ...(faults.length > 0 ? { password: faults.join(' ') } : {}) },
        };
      }
      const self = { kind: 'person', id: person.id, name: person.username, scopes: new Set<string>() } as const;
      const { faults } = await credentials.change(self, person.id, password);
      return faults.length > 0 ? { faults: { password: faults.join(' ') } } : {};
    },
  };
}
