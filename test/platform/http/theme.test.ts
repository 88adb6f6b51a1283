import { contrast, toHex, toLch } from '../../../src/platform/branding/colors.ts';
import { makeTheme, themeStyles } from '../../../src/platform/branding/theme.ts';

/** The grounds of cohort/theme.css, as a browser shows them. */
const GROUNDS = {
  light: ['#ffffff', '#f9f7f3', '#f1f6f6'],
  dark: ['#0b1418', '#121e22', '#1a282c'],
};
const steps = ['00', '40', '80', 'c0', 'ff'];
const every = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `#${r}${g}${b}`)));
const colours = [...every, '#ffee00', '#000040', '#777777', '#0b6175'];

describe('a colour', () => {
  it('has the contrast that WCAG works out', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#ffffff', '#0b6175')).toBeCloseTo(contrast('#0b6175', '#ffffff'), 10);
  });

  it('is the same after the way to OKLCH and back', () => {
    for (const hex of colours) expect(toHex(toLch(hex))).toBe(hex);
    const { l, c, h } = toLch('#ff0000');
    expect([l, c, h].map((part) => part.toFixed(2))).toEqual(['0.63', '0.26', '29.23']);
  });
});

describe('a theme', () => {
  it.each(['light', 'dark'] as const)('can be read whatever the accent is: %s', (scheme) => {
    const faint = colours.flatMap((colour) => {
      const { accent, accentStrong, accentTint, fill, fillStrong, onFill } = makeTheme(colour)[scheme];
      const grounds = [...GROUNDS[scheme], accentTint];
      const pairs = [
        ...grounds.flatMap((ground) => [accent, accentStrong].map((text) => [text, ground] as const)),
        ...[fill, fillStrong].map((ground) => [onFill, ground] as const),
      ];
      return pairs.filter(([text, ground]) => contrast(text, ground) < 4.5).map((pair) => [colour, ...pair]);
    });
    expect(faint).toEqual([]);
  });

  it('leaves a button the very colour that was chosen, and keeps the hue of what it must change', () => {
    const { light, dark } = makeTheme('#ffee00');
    expect([light.fill, light.onFill]).toEqual(['#ffee00', '#000000']);
    expect(light.accent).not.toBe('#ffee00');
    expect(Math.abs(toLch(light.accent).h - toLch('#ffee00').h)).toBeLessThan(2.8);
    expect(dark.accent).toBe('#ffee00');
  });

  it('is a style sheet with nothing but colours in it', () => {
    const lines = themeStyles(makeTheme('#0b6175')).trim().split('\n').slice(1, -1);
    expect(lines).toHaveLength(9);
    for (const line of lines) expect(line).toMatch(/^ {2}--[a-z-]+: (light-dark|color-mix)\([^;{}]+\);$/);
  });
});
