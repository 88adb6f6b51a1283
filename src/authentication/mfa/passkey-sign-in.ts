import type { SignInMethod } from '../../directory/module.ts';
import type { Passkeys } from './passkeys.ts';

/** A passkey that knows its owner is two factors in one, so it signs in alone. */
export function passkeyMethod({ passkeys }: { passkeys: Passkeys }): SignInMethod {
  return {
    name: 'passkey',
    model: async (signInId) => JSON.stringify(await passkeys.assertionOptions(signInId)),
    async submit(signInId, { passkey = '' }) {
      const assertion = await passkeys.verify(signInId, passkey);
      return assertion && { userId: assertion.userId, mark: assertion.mark, amr: ['pop', 'user', 'mfa'] };
    },
  };
}
