import { settings, type Config, type SettingName } from './schema.ts';
import type { Setting } from './setting.ts';

/** A setting as an administrator may see it. */
export interface DescribedSetting {
  variable: string;
  about: string;
  /** What applies now, as text; null when there is none, or when it is a secret. */
  value: string | null;
  isSecret: boolean;
  /** False when it was left at its default. */
  isSet: boolean;
}

/** Every setting with what applies now, in the order of `.env.example`. No secret is in it. */
export function describeSettings(config: Config): DescribedSetting[] {
  return (Object.entries(settings) as [SettingName, Setting][]).map(
    ([name, { variable, about, fallback, ...rest }]) => {
      const value: unknown = config[name];
      const isSecret = rest.secret === true;
      const usual = fallback === undefined ? undefined : rest.shape.safeParse(fallback).data;
      const isSet = value !== undefined && JSON.stringify(value) !== JSON.stringify(usual);
      return { variable, about, value: isSecret ? null : asText(value), isSecret, isSet };
    },
  );
}

function asText(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
