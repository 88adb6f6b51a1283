import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let common: Set<string> | undefined;

/** True for one of about 49,000 common passwords, in any case. The list is loaded when it is first asked for. */
export function isCommonPassword(password: string): boolean {
  if (!common) {
    const { dictionary } = require('@zxcvbn-ts/language-common') as { dictionary: { passwords: string[] } };
    common = new Set(dictionary.passwords);
  }
  const lower = password.toLowerCase();
  // The rules force an end like `1!` on people, who then put it behind a common word: that does not make it rare.
  const core = lower.replace(/[\d!@#$%*&]+$/, '');
  return common.has(lower) || (common.has(core) && core.length >= lower.length - 2);
}
