/** A number as it was on one day. */
export interface Measured {
  date: string;
  count: number;
}

/** A line to draw without axes, in a box of `SPARKLINE`'s measures, and what it says in words. */
export interface Sparkline {
  /** SVG path data. */
  path: string;
  /** Where the line ends; a path too, so that it stays round however the box is stretched. */
  end: string;
  least: number;
  most: number;
  from: string;
  until: string;
}

export const SPARKLINE = { width: 120, height: 32 } as const;

/** Keeps the stroke of the highest and the lowest day inside the box. */
const MARGIN = 4;

/**
 * The line through what was measured on these days, the oldest first. It goes straight over days on which nothing was
 * measured. Undefined when there was none at all.
 */
export function sparkline(everything: Measured[], dates: string[]): Sparkline | undefined {
  const measured = everything.filter(({ date }) => dates.includes(date));
  const counts = measured.map(({ count }) => count);
  const first = measured[0];
  const last = measured.at(-1);
  if (!first || !last) return undefined;
  const least = Math.min(...counts);
  const most = Math.max(...counts);

  const at = (index: number, count: number) => {
    const x = (index / Math.max(1, dates.length - 1)) * (SPARKLINE.width - 2 * MARGIN) + MARGIN;
    // What never changed is drawn in the middle.
    const tall = most > least ? (count - least) / (most - least) : 0.5;
    return `${round(x)} ${round(SPARKLINE.height - MARGIN - tall * (SPARKLINE.height - 2 * MARGIN))}`;
  };

  const points = measured.map(({ date, count }) => at(dates.indexOf(date), count));
  return { path: `M${points.join('L')}`, end: `M${points.at(-1)}h0`, least, most, from: first.date, until: last.date };
}

const round = (length: number) => Math.round(length * 10) / 10;
