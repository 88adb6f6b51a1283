import { z } from 'zod';

/** A setting: its environment variable, the values it takes, its default and what it is for. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  variable: string;
  /** Parses the string that the environment holds. */
  shape: T;
  /** Applies if the variable is not set; `undefined` means none. */
  fallback: string | undefined;
  /** One or two sentences for `.env.example`, `docs/settings.md` and the console. */
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
  traits: { secret?: true; changeable?: true } = {},
): Setting<T> {
  return { variable, shape, fallback, about, ...traits };
}

/** The allowed values in words: every shape of a setting describes itself. */
export function valuesOf({ shape }: Setting): string {
  const inner = shape instanceof z.ZodOptional ? (shape.unwrap() as z.ZodType) : shape;
  if (!inner.description) throw new Error('The shape of a setting must say which values it takes.');
  return inner.description;
}
