import { fromLocalTime, toLocalTime } from '../../src/platform/i18n/local-time.ts';

describe('local times of forms', () => {
  it.each([
    ['2026-07-01T12:00', 'Europe/Berlin', '2026-07-01T10:00:00.000Z'],
    ['2026-01-01T12:00', 'Europe/Berlin', '2026-01-01T11:00:00.000Z'],
    ['2026-01-01T12:00', 'Asia/Kathmandu', '2026-01-01T06:15:00.000Z'],
    // The hour that is there twice is the earlier one; the one that is left out begins when it would have.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ])('reads %s in %s', (text, zone, moment) => {
    expect(fromLocalTime(text, zone)?.toISOString()).toBe(moment);
  });

  it('writes what it reads', () => {
    for (const zone of ['UTC', 'America/New_York', 'Australia/Lord_Howe'])
      expect(toLocalTime(fromLocalTime('2026-05-04T03:02', zone)!, zone)).toBe('2026-05-04T03:02');
  });

  it('takes nothing else', () => {
    for (const text of ['', '2026-05-04', '2026-13-01T00:00', 'tomorrow']) expect(fromLocalTime(text)).toBeUndefined();
  });
});
