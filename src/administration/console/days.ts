/** The Unix seconds of a day's midnight in UTC; what is no day stays as it is, for the API to refuse. */
export function secondsOf(day: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isNaN(time) ? day : String(time / 1000);
}

/** So many seconds in the largest units that say it exactly, as in `14 days`; nothing for less than two minutes. */
export function durationOf(seconds: number, language: string): string {
  if (!Number.isInteger(seconds) || seconds < 120) return '';
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = (seconds % 3600) / 60;
  if (!Number.isInteger(minutes)) return '';
  return new Intl.DurationFormat(language, { style: 'long' }).format({ days, hours, minutes });
}
