import type { ClaimedLetter, Content, WrittenLetter } from './letter.ts';
import { toParagraphs } from './paragraphs.ts';

export type LetterWriter = (letter: ClaimedLetter, content: Content) => Promise<WrittenLetter>;

export interface LetterWriterOptions {
  render(view: string, model: Record<string, unknown>): Promise<string>;
  translate(key: string, values: Record<string, unknown>): string;
  issuer: string;
}

/**
 * Turns a model into a letter with a text and an HTML part. Templates get the model, `t` in the letter's language,
 * `subject`, `issuer` (addresses in letters come from the configuration, never from a request) and `paragraphs`.
 */
export function createLetterWriter({ render, translate, issuer }: LetterWriterOptions): LetterWriter {
  const { hostname } = new URL(issuer);

  return async ({ id, postedAt }, { to, view, model, language }) => {
    const t = (key: string, values: Record<string, unknown> = {}) => translate(key, { ...values, lng: language });
    const subject = toOneLine(t(`mail.${view}.subject`, model));
    const direction = new Intl.Locale(language).getTextInfo().direction;
    const all = { ...model, t, subject, issuer, language, direction, paragraphs: toParagraphs };
    const [text, html] = await Promise.all([render(`mail/${view}.text`, all), render(`mail/${view}.html`, all)]);
    return { id, messageId: `<${id}@${hostname}>`, postedAt, to, subject, text, html };
  };
}

/** A subject is one header line: what could end it, or turn the rest of it around, becomes a space. */
function toOneLine(subject: string): string {
  return subject.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\s]+/gu, ' ').trim();
}
