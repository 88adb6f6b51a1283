import { usable, type Environment, type StoredSettings } from './load.ts';
import { settings } from './schema.ts';
import { onOff } from './shapes.ts';
import type { Setting } from './setting.ts';

export const SETTING_SOURCES = ['environment', 'console', 'default'] as const;

/** A setting as an administrator may see it. */
export interface DescribedSetting {
  variable: string;
  about: string;
  /** What applies, as the environment would hold it; null when there is none, or when it is a secret. */
  value: string | null;
  isSecret: boolean;
  source: (typeof SETTING_SOURCES)[number];
  /** Whether it can be changed here; what the environment says comes first and cannot. */
  isChangeable: boolean;
  /** All that it may be, where these are few. */
  choices: string[] | null;
}

/** Every setting with what applies, in the order of `.env.example`. No secret is in it. */
export function describeSettings(environment: Environment, stored: StoredSettings): DescribedSetting[] {
  return Object.values(settings).map((setting: Setting) => {
    const { variable, about, fallback, shape, secret = false, changeable = false } = setting;
    const own = usable(setting, stored);
    const said = environment[variable] ?? (secret ? environment[`${variable}_FILE`] : undefined);
    const changed = own === undefined ? 'default' : 'console';
    const source = said ? 'environment' : changed;
    const value = said || (own ?? fallback ?? null);
    return {
      variable,
      about,
      source,
      value: secret ? null : value,
      isSecret: secret,
      isChangeable: changeable && source !== 'environment',
      choices: shape === onOff ? ['on', 'off'] : null,
    };
  });
}

/** Those that administrators may change. */
export const changeableSettings = Object.values<Setting>(settings).filter(({ changeable }) => changeable);

/** Why one of these cannot be made this; undefined when it can. */
export function faultOfSetting(environment: Environment, variable: string, text: string | null): string | undefined {
  if (environment[variable]) return 'is set in the environment and cannot be changed here';
  const { shape } = changeableSettings.find((each) => each.variable === variable)!;
  const parsed = text === null ? undefined : shape.safeParse(text);
  return parsed?.success === false ? parsed.error.issues.map(({ message }) => message).join('; ') : undefined;
}
