/**
 * Puts in place of each `%FC` the character of that number; a percent sign without two digits after it is itself, as browsers read
 * it. What was encoded in UTF-8 becomes its bytes, as Latin-1 text.
 */
export const decodePercents = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
