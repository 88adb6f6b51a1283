import { unixSeconds } from '../clock.ts';
import { defineError } from '../errors.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import type { WrittenEmail } from './email.ts';
import type { Mailbox } from './mailbox.ts';
import { toParts } from './paragraphs.ts';

const EmailNotFound = defineError('missing', 'email_not_found', 'No email has this ID.');

/** The development mailbox: what would have been sent. */
export function mailboxPages({ mailbox, from }: { mailbox: Mailbox; from: string }): FormPage[] {
  async function showAll(): Promise<PageReply> {
    return { view: 'dev-mailbox', model: { emails: (await mailbox.list()).map(toEnvelope) } };
  }

  async function showOne({ params }: PageRequest): Promise<PageReply> {
    const email = await mailbox.find(params['id'] ?? '');
    if (!email) throw EmailNotFound();
    const { messageId, text, html } = email;
    const model = { ...toEnvelope(email), from, messageId, html, parts: toParts(text) };
    return { view: 'dev-email', model, inlineStyles: true };
  }

  return [
    { path: '/dev/mail', show: showAll },
    { path: '/dev/mail/:id', show: showOne },
  ];
}

function toEnvelope({ id, to, subject, postedAt }: WrittenEmail) {
  return { id, to, subject, at: unixSeconds(postedAt) };
}
