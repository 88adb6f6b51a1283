import { fromLocalTime, toLocalTime } from '../../platform/i18n/local-time.ts';
import type { Period } from './period.ts';

/** The fields of a form for the period of a membership, which are times of the reader's time zone. */
export const PERIOD_FIELDS = ['from', 'until'] as const;
export type PeriodField = (typeof PERIOD_FIELDS)[number];

/** null for an empty field, which is no limit. */
export type TypedPeriod = Record<PeriodField, Date | null>;

/** What was typed, or the first field that is no time. */
export function readPeriod(
  fields: Record<string, string | undefined>,
  zone: string,
): TypedPeriod | { faulty: PeriodField } {
  const period: TypedPeriod = { from: null, until: null };
  for (const name of PERIOD_FIELDS) {
    const typed = fields[name] ?? '';
    const time = fromLocalTime(typed, zone);
    if (typed !== '' && !time) return { faulty: name };
    period[name] = time ?? null;
  }
  return period;
}

/** What the form shows of a period. */
export const showPeriod = (period: Period, zone: string): Record<PeriodField, string> => ({
  from: period.from ? toLocalTime(period.from, zone) : '',
  until: period.until ? toLocalTime(period.until, zone) : '',
});
