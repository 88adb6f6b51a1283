import { ColorSpace, contrastWCAG21, OKLCH, serialize, sRGB, to, toGamutCSS } from 'colorjs.io/fn';

ColorSpace.register(sRGB);
ColorSpace.register(OKLCH);

/** Lightness from 0 to 1, chroma, and hue in degrees: the OKLCH space, in which equal steps look equal (CSS Color 4, section 9). */
export interface Lch {
  l: number;
  c: number;
  h: number;
}

/** The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio"). */
export const contrast = (one: string, other: string): number => contrastWCAG21(one, other);

export function toLch(hex: string): Lch {
  const [l, c, h] = to(hex, OKLCH).coords;
  // Black, white and greys have no hue.
  return { l: l ?? 0, c: c ?? 0, h: h ?? 0 };
}

/** The nearest colour that a screen has, as `#rrggbb` (CSS Color 4, section 13.2). */
export function toHex({ l, c, h }: Lch): string {
  const shown = toGamutCSS({ space: OKLCH, coords: [l, c, h], alpha: 1 }, { space: sRGB });
  return serialize(shown, { format: 'hex', collapse: false });
}
