import { contrast, toHex, toLch, type Lch } from './colors.ts';

/** The colours that are made from the accent, for one scheme; as `#rrggbb`. */
export interface Shades {
  /** Links, and lines that must be seen. */
  accent: string;
  /** The same under the pointer. */
  accentStrong: string;
  /** A quiet ground for what belongs to the accent. */
  accentTint: string;
  /** Strong buttons, under the pointer, and what is written on them. */
  fill: string;
  fillStrong: string;
  onFill: string;
}

export interface Theme {
  light: Shades;
  dark: Shades;
}

/** WCAG 2.2 wants 4.5 for text (1.4.3); a little more, because browsers round in their own way. */
const READABLE = 4.6;
const BLACK = '#000000';
const WHITE = '#ffffff';

// What cohort/theme.css lays under text: paper, surface and inset.
const GROUNDS = {
  light: [toHex({ l: 0.976, c: 0.006, h: 85 }), WHITE, toHex({ l: 0.969, c: 0.005, h: 200 })],
  dark: [
    toHex({ l: 0.185, c: 0.016, h: 222 }),
    toHex({ l: 0.225, c: 0.018, h: 222 }),
    toHex({ l: 0.265, c: 0.02, h: 222 }),
  ],
};

/** Makes a theme from any colour: what is written in it or on it can be read in both schemes, its hue stays. */
export function makeTheme(accent: string): Theme {
  const { c, h } = toLch(accent);
  const lightTint = toHex({ l: 0.955, c: Math.min(c, 0.025), h });
  const darkTint = toHex({ l: 0.29, c: Math.min(c, 0.04), h });
  const onLight = readableOn([...GROUNDS.light, lightTint], accent, -0.005);
  const onDark = readableOn([...GROUNDS.dark, darkTint], accent, 0.005);
  return {
    // A light button keeps the very colour that was chosen. In the dark it has to stand out from the page.
    light: { ...shades(onLight, -0.07, lightTint), ...filled(accent) },
    dark: { ...shades(onDark, 0.07, darkTint), ...filled(onDark) },
  };
}

/** Goes darker or lighter until it can be read on all of these grounds. */
function readableOn(grounds: string[], colour: string, step: number): string {
  const lch = toLch(colour);
  let found = colour;
  for (let away = step; Math.abs(away) < 1 && !isReadable(found, grounds); away += step) found = moved(lch, away);
  return found;
}

const isReadable = (colour: string, grounds: string[]) =>
  grounds.every((ground) => contrast(colour, ground) >= READABLE);

function shades(accent: string, towards: number, tint: string): Pick<Shades, 'accent' | 'accentStrong' | 'accentTint'> {
  return { accent, accentStrong: moved(toLch(accent), towards), accentTint: tint };
}

/** One of black and white can be read on anything; under the pointer the colour moves away from it. */
function filled(fill: string): Pick<Shades, 'fill' | 'fillStrong' | 'onFill'> {
  const isDark = contrast(fill, WHITE) >= READABLE;
  return { fill, fillStrong: moved(toLch(fill), isDark ? -0.06 : 0.06), onFill: isDark ? WHITE : BLACK };
}

const moved = ({ l, c, h }: Lch, by: number): string => toHex({ l: Math.min(1, Math.max(0, l + by)), c, h });

/** The theme as a stylesheet that is loaded after cohort.css. */
export function themeStyles({ light, dark }: Theme): string {
  const both = (name: keyof Shades) => `light-dark(${light[name]}, ${dark[name]})`;
  const disc = (percent: number) => `color-mix(in oklab, ${both('fill')} ${percent}%, transparent)`;
  return [
    ':root {',
    `  --accent: ${both('accent')};`,
    `  --accent-strong: ${both('accentStrong')};`,
    `  --accent-tint: ${both('accentTint')};`,
    `  --fill: ${both('fill')};`,
    `  --fill-strong: ${both('fillStrong')};`,
    `  --on-fill: ${both('onFill')};`,
    `  --disc-a: ${disc(10)};`,
    `  --disc-b: ${disc(7)};`,
    `  --disc-c: ${disc(5)};`,
    '}',
    '',
  ].join('\n');
}
