import Bowser from 'bowser';

/** A browser in the words of its owner: `Firefox` on `Windows`. Empty when it does not say. */
export function describeDevice(userAgent: string): { browser: string; system: string } {
  // The library refuses an empty text, and guesses nothing from an unknown one.
  if (!userAgent) return { browser: '', system: '' };
  const { browser, os } = Bowser.parse(userAgent);
  return { browser: browser.name ?? '', system: os.name ?? '' };
}
