const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/;

/** A moment as an input of type `datetime-local` has it, in a time zone. */
export function toLocalTime(time: Date, timeZone = 'UTC'): string {
  return new Date(time.getTime() + offsetAt(time, timeZone)).toISOString().slice(0, 16);
}

/**
 * The moment of a local time; undefined for text that is none. A time that a zone has twice is the earlier one, and one
 * that it leaves out is as long after midnight as it says.
 */
export function fromLocalTime(text: string, timeZone = 'UTC'): Date | undefined {
  const asUtc = LOCAL.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(asUtc)) return undefined;
  const day = 24 * 3600 * 1000;
  const offsets = [asUtc - day, asUtc + day].map((around) => offsetAt(new Date(around), timeZone));
  const times = offsets
    .map((offset) => asUtc - offset)
    .filter((time) => toLocalTime(new Date(time), timeZone) === text);
  return new Date(times.length > 0 ? Math.min(...times) : asUtc - offsets[0]!);
}

/** How far the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(time: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const valueOf = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    valueOf('year'),
    valueOf('month') - 1,
    valueOf('day'),
    valueOf('hour'),
    valueOf('minute'),
    valueOf('second'),
  );
  return local - Math.floor(time.getTime() / 1000) * 1000;
}
