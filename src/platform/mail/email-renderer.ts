import type { ClaimedLetter, Content, WrittenLetter } from './email.ts';
import { toParagraphs } from './paragraphs.ts';

export type LetterWriter = (letter: ClaimedLetter, content: Content) => Promise<WrittenLetter>;

/** The language of an email, and the time zone of its times. */
export interface LetterVoice {
  language: string;
  timeZone?: string | undefined;
}

export interface LetterWriterOptions {
  render(view: string, model: Record<string, unknown>, voice: LetterVoice): Promise<string>;
  messages(language: string): (key: string, values: Record<string, unknown>) => string;
  /** The locale for this recipient; `posted` is the language that the email was written with. */
  voiceFor(address: string, posted: string | undefined): Promise<LetterVoice>;
  issuer: string;
}

/**
 * Turns a model into an email with a text and an HTML part. Templates get what pages get: the model, `subject`,
 * `issuer` (URLs in emails come from the configuration, never from a request) and `paragraphs`.
 */
export function createLetterWriter({ render, messages, voiceFor, issuer }: LetterWriterOptions): LetterWriter {
  const { hostname } = new URL(issuer);

  return async ({ id, postedAt }, { to, view, model, language: posted }) => {
    const voice = await voiceFor(to, posted);
    const subject = toOneLine(messages(voice.language)(`mail.${view}.subject`, model));
    const all = { ...model, subject, issuer, paragraphs: toParagraphs };
    const write = (part: 'text' | 'html') => render(`mail/${view}.${part}`, all, voice);
    const [text, html] = await Promise.all([write('text'), write('html')]);
    return { id, messageId: `<${id}@${hostname}>`, postedAt, to, subject, text, html };
  };
}

/** A subject is one header line: what could end it, or turn the rest of it around, becomes a space. */
function toOneLine(subject: string): string {
  return subject.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\s]+/gu, ' ').trim();
}
