import type { z } from 'zod';

/** One setting: the environment variable that carries it, its shape, its default and what it is for. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  variable: string;
  /** Parses the string that the environment holds. */
  shape: T;
  /** What applies when the variable is not set; `undefined` means "none". */
  fallback: string | undefined;
  /** One sentence for `.env.example` and the README. */
  about: string;
  /** True when the value may come from a file named by `<variable>_FILE`, and is never printed. */
  secret?: true;
  /** True when an administrator may set it in the console, as long as the environment does not. */
  changeable?: true;
}

export function setting<T extends z.ZodType>(
  variable: string,
  shape: T,
  fallback: string | undefined,
  about: string,
  options: { secret?: true; changeable?: true } = {},
): Setting<T> {
  return { variable, shape, fallback, about, ...options };
}
