import { unixSeconds } from '../../platform/clock.ts';
import { PERIOD_FIELDS, readPeriod } from '../../directory/memberships/typed-period.ts';
import { toLocalTime } from '../../platform/i18n/local-time.ts';
import type { Refusal } from './forms.ts';
import type { ConsoleVisit } from './frame.pages.ts';

/** The fields for the period of a membership. */
export const PERIOD = PERIOD_FIELDS;

/** Unix seconds, as the API takes them. */
export type TypedPeriod = Partial<Record<(typeof PERIOD)[number], number | null>>;

/** The time zone in which the administrator types and reads. */
export const zoneOf = ({ user }: Pick<ConsoleVisit, 'user'>): string => user.zoneinfo ?? 'UTC';

/** The times in the form, which are those of the administrator's time zone; an empty field is no limit. */
export function periodIn(visit: ConsoleVisit): TypedPeriod | Refusal {
  const { fields } = visit.request;
  const period = readPeriod(fields, zoneOf(visit));
  if ('faulty' in period) {
    const faults = { [period.faulty]: fields[period.faulty] ?? '' };
    return { code: 'invalid_input', detail: '', faults, status: 400 };
  }
  const secondsOf = (time: Date | null) => time && unixSeconds(time);
  return { from: secondsOf(period.from), until: secondsOf(period.until) };
}

/** What the form shows of a membership. */
export function periodForm(visit: ConsoleVisit, membership: Record<(typeof PERIOD)[number], number | null>) {
  const show = (seconds: number | null) =>
    seconds === null ? '' : toLocalTime(new Date(seconds * 1000), zoneOf(visit));
  return { from: show(membership.from), until: show(membership.until) };
}
