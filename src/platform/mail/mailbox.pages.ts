import { unixSeconds } from '../clock.ts';
import { defineError } from '../errors.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import type { WrittenLetter } from './email.ts';
import type { Mailbox } from './mailbox.ts';
import { toParts } from './paragraphs.ts';

const LetterNotFound = defineError('missing', 'letter_not_found', 'No email has this ID.');

/** The development mailbox: what would have been sent. */
export function mailboxPages({ mailbox, from }: { mailbox: Mailbox; from: string }): FormPage[] {
  async function showAll(): Promise<PageReply> {
    return { view: 'dev-mailbox', model: { letters: (await mailbox.list()).map(toEnvelope) } };
  }

  async function showOne({ params }: PageRequest): Promise<PageReply> {
    const letter = await mailbox.find(params['id'] ?? '');
    if (!letter) throw LetterNotFound();
    const { messageId, text, html } = letter;
    const model = { ...toEnvelope(letter), from, messageId, html, parts: toParts(text) };
    return { view: 'dev-letter', model, inlineStyles: true };
  }

  return [
    { path: '/dev/mail', show: showAll },
    { path: '/dev/mail/:id', show: showOne },
  ];
}

function toEnvelope({ id, to, subject, postedAt }: WrittenLetter) {
  return { id, to, subject, at: unixSeconds(postedAt) };
}
