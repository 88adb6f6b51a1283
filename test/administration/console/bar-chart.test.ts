import { barChart } from '../../../src/administration/console/bar-chart.ts';

const points = [0, 1, 100].map((value, index) => ({ date: `2026-01-0${index + 1}`, value }));

describe('a bar chart', () => {
  it('shows a day with little higher than one with nothing, and none over its edge', () => {
    const { bars, most, sum, height } = barChart(points, { isRightToLeft: false });
    expect([most, sum]).toEqual([100, 101]);
    expect(bars.map((bar) => bar.height)).toEqual([1, 3, 116]);
    expect(bars.map((bar) => bar.y + bar.height)).toEqual([height, height, height]);
  });

  it('begins at the side where reading begins', () => {
    const starts = (isRightToLeft: boolean) => barChart(points, { isRightToLeft }).bars.map(({ x }) => x);
    expect(starts(false)).toEqual([30, 230, 430]);
    expect(starts(true)).toEqual([430, 230, 30]);
  });

  it('has no height to share when there was nothing at all', () => {
    const nothing = points.map(({ date }) => ({ date, value: 0 }));
    expect(barChart(nothing, { isRightToLeft: false })).toMatchObject({ most: 1, sum: 0 });
  });
});
