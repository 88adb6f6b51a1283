/** A run of text; with `href` it is a web address that can be followed. */
export interface TextPart {
  text: string;
  href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'`\\]+/gi;
// A full stop or a bracket after an address belongs to the sentence.
const CLOSING = '.,;:!?)]}…’”»';

/** Plain text as paragraphs (parted by empty lines) of lines of parts. It is not HTML: a template has to escape every part. */
export function toParagraphs(text: string): TextPart[][][] {
  const paragraphs = text
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n\s*\n/);
  return paragraphs.map((paragraph) => paragraph.split('\n').map(toParts));
}

/** Finds the web addresses in a text. */
export function toParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutClosing(found);
    const href = toHref(address);
    if (!href) continue;
    parts.push({ text: text.slice(end, index) }, { text: address, href });
    end = index + address.length;
  }
  return [...parts, { text: text.slice(end) }].filter((part) => part.text);
}

/** An address may have brackets of its own: `https://example.com/Cohort_(aviation)`. */
function withoutClosing(found: string): string {
  let end = found.length;
  while (CLOSING.includes(found[end - 1]!)) end -= 1;
  const address = found.slice(0, end);
  return address.includes('(') && !address.includes(')') && found[end] === ')' ? `${address})` : address;
}

// With a user in front (`https://bank.example@evil.example`) an address looks like another one than it is.
function toHref(address: string): string | undefined {
  const url = URL.parse(address);
  return url && !url.username && !url.password ? url.href : undefined;
}
