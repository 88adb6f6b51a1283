import { sparkline } from '../../../src/administration/console/sparkline.ts';

const dates = ['2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'];
const counted = (...counts: (number | undefined)[]) =>
  counts.flatMap((count, index) => (count === undefined ? [] : [{ date: dates[index]!, count }]));

describe('a small line', () => {
  it('goes from the first to the last day, the least at the bottom and the most at the top', () => {
    expect(sparkline(counted(10, 20, 15, 20, 10), dates)).toEqual({
      path: 'M4 28L32 4L60 16L88 4L116 28',
      end: 'M116 28h0',
      least: 10,
      most: 20,
      from: '2026-11-17',
      until: '2026-11-21',
    });
  });

  it('is in the middle when nothing changed', () => {
    expect(sparkline(counted(0, 0), dates)).toMatchObject({
      path: 'M4 16L32 16',
      end: 'M32 16h0',
      least: 0,
      most: 0,
    });
  });

  it('goes straight over days without a number', () => {
    expect(sparkline(counted(1, undefined, 2, 3), dates)?.path).toBe('M4 28L60 16L88 4');
  });

  it('is a point on the first day of all, also when only one day is shown', () => {
    expect(sparkline(counted(undefined, undefined, undefined, undefined, 7), dates)?.end).toBe('M116 16h0');
    expect(sparkline(counted(7), dates.slice(0, 1))).toMatchObject({ path: 'M4 16', end: 'M4 16h0' });
  });

  it('is none without a number of these days', () => {
    expect(sparkline([], dates)).toBeUndefined();
    expect(sparkline([{ date: '2026-11-22', count: 1 }], dates)).toBeUndefined();
  });
});
