import { contrast, fromHex, toHex, toLch, toRgb, type Lch, type Rgb } from './colors.ts';

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

/** WCAG 2.2 wants 4.5 for text (1.4.3); a little more, because colours are rounded. */
const READABLE = 4.6;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [1, 1, 1];

const grey = (l: number, c: number, degrees: number) => toRgb({ l, c, h: (degrees * Math.PI) / 180 });
// What cohort.css lays under text: paper, surface and inset.
const GROUNDS = {
  light: [grey(0.976, 0.006, 85), WHITE, grey(0.969, 0.005, 200)],
  dark: [grey(0.185, 0.016, 222), grey(0.225, 0.018, 222), grey(0.265, 0.02, 222)],
};

/** Makes a theme from any colour: what is written in it or on it can be read in both schemes, its hue stays. */
export function makeTheme(accent: string): Theme {
  const chosen = fromHex(accent);
  const { c, h } = toLch(chosen);
  const lightTint = toRgb({ l: 0.955, c: Math.min(c, 0.025), h });
  const darkTint = toRgb({ l: 0.29, c: Math.min(c, 0.04), h });
  const onLight = readableOn([...GROUNDS.light, lightTint], chosen, -0.005);
  const onDark = readableOn([...GROUNDS.dark, darkTint], chosen, 0.005);
  return {
    // A light button keeps the very colour that was chosen. In the dark it has to stand out from the page.
    light: { ...shades(onLight, -0.07, lightTint), ...filled(chosen) },
    dark: { ...shades(onDark, 0.07, darkTint), ...filled(onDark) },
  };
}

/** Goes darker or lighter until it can be read on all of these grounds. */
function readableOn(grounds: Rgb[], colour: Rgb, step: number): Rgb {
  const { c, h, l } = toLch(colour);
  let found = colour;
  for (let away = step; Math.abs(away) < 1 && !isReadable(found, grounds); away += step)
    found = moved({ l, c, h }, away);
  return found;
}

const isReadable = (colour: Rgb, grounds: Rgb[]) => grounds.every((ground) => contrast(colour, ground) >= READABLE);

function shades(accent: Rgb, towards: number, tint: Rgb): Pick<Shades, 'accent' | 'accentStrong' | 'accentTint'> {
  return { accent: toHex(accent), accentStrong: toHex(moved(toLch(accent), towards)), accentTint: toHex(tint) };
}

/** One of black and white can be read on anything; under the pointer the colour moves away from it. */
function filled(fill: Rgb): Pick<Shades, 'fill' | 'fillStrong' | 'onFill'> {
  const isDark = contrast(fill, WHITE) >= READABLE;
  const fillStrong = moved(toLch(fill), isDark ? -0.06 : 0.06);
  return { fill: toHex(fill), fillStrong: toHex(fillStrong), onFill: toHex(isDark ? WHITE : BLACK) };
}

const moved = ({ l, c, h }: Lch, by: number): Rgb => toRgb({ l: Math.min(1, Math.max(0, l + by)), c, h });

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
