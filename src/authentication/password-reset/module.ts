/**
 * Owns password reset: requests, the email, the pages.
 * Must not touch: passwords, links and sessions other than through the services it receives.
 */
import type { Module, ReturnToSignIn } from '../../module.ts';
import { createPasswordReset, type PasswordReset, type PasswordResetOptions } from './password-reset.ts';
import { passwordResetPages } from './password-reset.pages.ts';

export interface PasswordResetModuleOptions extends PasswordResetOptions {
  returnToSignIn: ReturnToSignIn;
}

export function passwordResetModule(options: PasswordResetModuleOptions): {
  module: Module;
  passwordReset: PasswordReset;
} {
  const passwordReset = createPasswordReset(options);
  const module: Module = {
    name: 'recovery',
    pages: passwordResetPages({ passwordReset, returnToSignIn: options.returnToSignIn }),
    signInLinks: [{ name: 'recover', path: '/recover' }],
    tasks: [{ name: 'answer-recovery-requests', everySeconds: 1, onEveryNode: true, run: passwordReset.answerAll }],
  };
  return { module, passwordReset };
}
