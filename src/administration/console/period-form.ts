import { unixSeconds } from '../../platform/clock.ts';
import { fromLocalTime, toLocalTime } from '../../platform/i18n/local-time.ts';
import type { Refusal } from './forms.ts';
import type { ConsoleVisit } from './frame.pages.ts';

/** The fields for the period of a membership. */
export const PERIOD = ['from', 'until'] as const;

/** Unix seconds, as the API takes them. */
export type TypedPeriod = Partial<Record<(typeof PERIOD)[number], number | null>>;

/** The time zone in which the administrator types and reads. */
export const zoneOf = ({ user }: Pick<ConsoleVisit, 'user'>): string => user.zoneinfo ?? 'UTC';

/** The times in the form, which are those of the administrator's time zone; an empty field is no limit. */
export function periodIn(visit: ConsoleVisit): TypedPeriod | Refusal {
  const period: TypedPeriod = {};
  for (const name of PERIOD) {
    const typed = visit.request.fields[name] ?? '';
    const time = fromLocalTime(typed, zoneOf(visit));
    if (typed !== '' && !time) return { code: 'invalid_input', detail: '', faults: { [name]: typed }, status: 400 };
    period[name] = time ? unixSeconds(time) : null;
  }
  return period;
}

/** What the form shows of a membership. */
export function periodForm(visit: ConsoleVisit, membership: Record<(typeof PERIOD)[number], number | null>) {
  const show = (seconds: number | null) =>
    seconds === null ? '' : toLocalTime(new Date(seconds * 1000), zoneOf(visit));
  return { from: show(membership.from), until: show(membership.until) };
}
