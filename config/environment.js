/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * The environment of this process; the one place where it is read.
 * @returns {Environment}
 */
export function processEnvironment() {
  return process.env;
}
