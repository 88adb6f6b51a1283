/**
 * Which characters a text may have that is shown and compared, such as a name: by Unicode property, so that two texts that
 * look the same are the same.
 */

/**
 * Control and format characters, surrogates, private use, unassigned code points and noncharacters (General_Category C*),
 * line and paragraph separators, and what is not displayed where it is not supported (Default_Ignorable_Code_Point).
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Symbols and letters with a width and nothing in it, which no property tells: of Braille, music and hieroglyphs. */
const BLANK = /[\u2800\u{1D159}\u{13441}\u{13442}]/u;

/**
 * Sequences of UTS #51, section 1.4: keycaps, and emoji with modifiers and variation selectors, joined. Of tag sequences
 * only those that are flags (RGI): the tags of all others would be invisible.
 */
const EMOJI =
  /\p{RGI_Emoji_Tag_Sequence}|[0-9#*]\uFE0F?\u20E3|[\p{Emoji}--[0-9#*]](?:\p{EMod}|[\uFE0E\uFE0F])?(?:\u200D[\p{Emoji}--[0-9#*]](?:\p{EMod}|[\uFE0E\uFE0F])?)*/gv;

/** Variants of Han ideographs and of Mongolian letters, which belong to the spelling of names. */
const VARIANT = /(\p{Script=Han})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]|(\p{Script=Mongolian})[\u180B-\u180F]/gu;

/** The letters that join their neighbors, as far as their scripts are in use. */
const JOINING = String.raw`[\p{L}&&[\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Nkoo}\p{sc=Mand}\p{sc=Adlm}\p{sc=Rohg}]]`;
/** RFC 5892, appendix A.1, second rule: a ZWNJ between two letters that would join, whatever marks they have. */
const NON_JOINER = new RegExp(String.raw`(?<=${JOINING}\p{M}*)\u200C(?=${JOINING})`, 'gv');

const JOINER = /(\p{M}?)[\u200C\u200D](\p{M}?)/gu;

/** Text without characters that nobody sees, except where a script or an emoji needs them. */
export function isPlainText(text: string): boolean {
  const visible = text
    .replace(EMOJI, '')
    .replace(VARIANT, '$1$2')
    .replace(NON_JOINER, '')
    // RFC 5892, appendix A.1 and A.2; before the virama they are part of the spelling of Bengali.
    .replace(JOINER, (whole, before: string, after: string) =>
      isVirama(before) || isVirama(after) ? before + after : whole,
    );
  return !HIDDEN.test(visible) && !BLANK.test(visible);
}

/**
 * Whether a mark's Canonical_Combining_Class is 9, Virama. JavaScript has no property for it, but normalization orders marks
 * by their class: it comes after U+3099 of class 8 and before U+05B0 of class 10.
 */
function isVirama(mark: string): boolean {
  if (mark === '') return false;
  const isAbove8 = `${mark}\u3099`.normalize('NFD') !== `${mark}\u3099`;
  const isBelow10 = `\u05B0${mark}`.normalize('NFD') !== `\u05B0${mark}`;
  return isAbove8 && isBelow10;
}

/**
 * Without what is invisible where it is allowed: joiners and variation selectors. The tags of a flag stay, because flags
 * look different.
 */
export function withoutInvisible(text: string): string {
  return text.replace(/[\p{Default_Ignorable_Code_Point}--[\u{E0020}-\u{E007F}]]/gv, '');
}
