import { z } from 'zod';
import { defineError, type Fault } from './errors.ts';

export const UnservableSearch = defineError('invalid', 'unservable_search', 'These criteria cannot be combined.');

/** At or after the one, before the other. */
export interface TimeRange {
  after?: Date | undefined;
  before?: Date | undefined;
}

const MAX_CUSTOM_DATA = 5;
const CUSTOM_DATA = 'custom_data.';

/** A value somewhere in the custom data, as text. */
export interface CustomDataCriterion {
  /** With dots between the keys. */
  path: string;
  value: string;
}

/** What searches for a word or a name take. */
export const searchText = z.string().trim().min(1).max(100);

export const timeParameter = z
  .string()
  .regex(/^\d{1,11}$/, 'must be Unix seconds')
  .transform((seconds) => new Date(Number(seconds) * 1000));
/** Refuses any parameter that is neither known nor a path into the custom data. */
export function customDataShape<T extends z.ZodObject>(shape: T): T {
  return shape.superRefine((query, ctx) => {
    for (const [name, value] of Object.entries(query)) {
      if (name in shape.shape) continue;
      const path = name.startsWith(CUSTOM_DATA) ? name.slice(CUSTOM_DATA.length) : '';
      if (!path) ctx.addIssue({ code: 'unrecognized_keys', keys: [name], input: query });
      else if (typeof value !== 'string')
        ctx.addIssue({ code: 'custom', path: [name], message: 'must be given only once' });
    }
  });
}

/** The `custom_data.<path>` parameters of a parsed query. */
export function customDataOf(query: Record<string, unknown>): CustomDataCriterion[] {
  return Object.entries(query).flatMap(([name, value]) =>
    name.startsWith(CUSTOM_DATA) ? [{ path: name.slice(CUSTOM_DATA.length), value: String(value) }] : [],
  );
}

export function faultsOfCustomData(customData: { path: string }[]): Fault[] {
  return customData.slice(MAX_CUSTOM_DATA).map(({ path }) => ({
    parameter: `${CUSTOM_DATA}${path}`,
    detail: `can have at most ${MAX_CUSTOM_DATA} criteria on custom data`,
  }));
}
