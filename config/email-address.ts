import { domainToASCII, domainToUnicode } from 'node:url';

/** RFC 5322, section 3.2.3: a dot-atom. Quoted local parts are used by nobody and read differently by everybody. */
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** RFC 5321, section 4.5.3.1. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;
const MAX_DOMAIN = 253;

/** RFC 5890, section 2.3.1: letters, digits and hyphens. */
const LDH_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What is ASCII and in no domain. The URL parser, which converts domains, would give it a meaning. */
const NOT_IN_DOMAIN = /[^-.a-z0-9\u0080-\u{10FFFF}]/iu;

/** Scripts of which a label may be alone, or with those beside which they are written (UTS #39, section 5.2). */
const SCRIPTS = [
  'Latin',
  'Arabic',
  'Armenian',
  'Bengali',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
];
const CJK = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];
const WRITTEN_TOGETHER = [...SCRIPTS.map((script) => [script]), ...CJK].map((scripts) => {
  const parts = ['Common', 'Inherited', ...scripts].map((script) => `\\p{Script_Extensions=${script}}`);
  return new RegExp(`^[${parts.join('')}]+$`, 'u');
});

/**
 * The one form of an email: in lowercase, with the domain in Unicode. A label that mixes scripts, as one that imitates another
 * does, stays an A-label (`xn--…`). Undefined for what is no email.
 */
export function canonicalEmail(typed: string): string | undefined {
  const address = typed.trim().normalize('NFC');
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0)).toLowerCase();
  const domain = canonicalDomain(address.slice(at + 1));
  if (domain === undefined || local.length > MAX_LOCAL_PART || !LOCAL_PART.test(local)) return undefined;
  const canonical = `${local}@${domain}`;
  return asciiEmail(canonical).length <= MAX_ADDRESS ? canonical : undefined;
}

/** As mail servers and applications want it (RFC 5322, section 3.4.1): with the domain in A-labels. */
export function asciiEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  // Nearly all are such already, and the conversion takes longer than to see it.
  if (/^[a-z0-9.-]*$/.test(domain)) return address;
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The one form of a text that is an email, for those who search by it; any other text as it is. */
export const canonicalIfEmail = (text: string): string => canonicalEmail(text) ?? text;

/** The one form of a domain with at least two labels, which names no IP address; see `canonicalEmail`. */
export function canonicalDomain(typed: string): string | undefined {
  if (typed === '' || NOT_IN_DOMAIN.test(typed)) return undefined;
  const ascii = domainToASCII(typed);
  const labels = ascii.split('.');
  const isWhole = labels.length >= 2 && ascii.length <= MAX_DOMAIN && labels.every((label) => LDH_LABEL.test(label));
  // The parser reads `1.2` as an IP address; no top-level domain has digits alone, or a single letter.
  if (!isWhole || !/^(?:[a-z]{2,}|xn--.+)$/.test(labels.at(-1)!)) return undefined;
  const unicode = domainToUnicode(ascii);
  if (domainToASCII(unicode) !== ascii) return undefined;
  const shown = unicode.split('.');
  return labels.map((label, index) => (isOneScript(shown[index]!) ? shown[index]! : label)).join('.');
}

const isOneScript = (label: string) => WRITTEN_TOGETHER.some((pattern) => pattern.test(label));
