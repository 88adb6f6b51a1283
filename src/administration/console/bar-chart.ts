/** A number of one day. */
export interface Point {
  date: string;
  value: number;
}

const WIDTH = 600;
const HEIGHT = 120;

/** Keeps the highest bar from the edge. */
const MARGIN = 4;

/** A bar of some height can be seen; a day with nothing has a line. */
const LEAST = { some: 3, none: 1 };

/** The bars of a chart in a box of these measures, the first day at the side where reading begins. */
export function barChart(points: Point[], { isRightToLeft }: { isRightToLeft: boolean }) {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const step = WIDTH / points.length;
  const bars = points.map(({ date, value }, index) => {
    const height = Math.max(value > 0 ? LEAST.some : LEAST.none, (value / most) * (HEIGHT - MARGIN));
    const start = isRightToLeft ? WIDTH - (index + 1) * step : index * step;
    return { date, value, x: start + step * 0.15, y: HEIGHT - height, width: step * 0.7, height };
  });
  return { width: WIDTH, height: HEIGHT, most, bars, sum: points.reduce((sum, { value }) => sum + value, 0) };
}
