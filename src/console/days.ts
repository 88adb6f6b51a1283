/** The Unix seconds of a day's midnight in UTC; what is no day stays as it is, for the API to refuse. */
export function secondsOf(day: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isNaN(time) ? day : String(time / 1000);
}
