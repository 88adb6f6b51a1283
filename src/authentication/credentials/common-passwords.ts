import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let common: Set<string> | undefined;

/** True for one of about 49,000 common passwords, in any case. The list is loaded when it is first asked for. */
export function isCommonPassword(password: string): boolean {
  common ??= loadList();
  const lower = password.toLowerCase();
  // The rules lead users to append `1!` to a common word, which does not make it rare.
  const core = lower.replace(/[^\p{L}]{1,4}$/u, '');
  const plain = core
    .replace(/@/g, 'a')
    .replace(/0/g, 'o')
    .replace(/[1!]/g, 'i')
    .replace(/[$5]/g, 's')
    .replace(/3/g, 'e');
  return common.has(lower) || common.has(core) || common.has(plain);
}

function loadList(): Set<string> {
  const { dictionary } = require('@zxcvbn-ts/language-common') as { dictionary: { 'passwords-common': string[] } };
  return new Set(dictionary['passwords-common']);
}
