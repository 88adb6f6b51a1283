import { normalizePassword } from './password.ts';

/** What is wrong with a new password that was typed twice, as the pages show it beside its two fields. */
export function passwordFormFaults(brokenRules: string[], password: string, again: string): Record<string, string> {
  return {
    ...(brokenRules.length > 0 ? { password: brokenRules.join(' ') } : {}),
    ...(normalizePassword(password) === normalizePassword(again) ? {} : { password_again: 'different' }),
  };
}
