export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process; the one place where it is read. */
export function processEnvironment(): Environment {
  return process.env;
}
