import type { StoredSettings } from '../../../config/load.ts';

/** The settings that administrators have made, by variable. */
export interface SettingStore {
  read(): Promise<StoredSettings>;
  write(values: StoredSettings): Promise<void>;
  /** Calls back after each change, here or elsewhere, and after a time in which changes may have been missed. */
  follow(onChange: () => void): void;
}
