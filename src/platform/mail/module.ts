/**
 * Owns emails: their templates, the outbox, delivery, and the development mailbox.
 * Must not touch: what they are about. Other modules write them in their own transactions, with their cause.
 */
import type { Config } from '../../../config/schema.ts';
import type { Boxes } from '../encryption.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../http/log.ts';
import type { Languages } from '../i18n/languages.ts';
import type { Messages } from '../i18n/messages.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Views } from '../http/views.ts';
import type { Room } from '../../module.ts';
import type { Outbox } from './email.ts';
import { createLetterWriter, type LetterVoice } from './email-renderer.ts';
import { createMail, type Mail } from './mail.ts';
import { mailboxPages } from './mailbox.pages.ts';
import { createMailbox, endsInMailbox, type MailboxStore } from './mailbox.ts';
import { createSmtpTransport } from './smtp.ts';

interface Recipient {
  locale?: string | undefined;
  zoneinfo?: string | undefined;
}

export interface MailRoomOptions {
  config: Config;
  outbox: Outbox;
  mailboxStore: MailboxStore;
  boxes: Boxes;
  views: Views;
  languages: Languages;
  messages: Messages;
  /** Whose profile decides the language and the time zone of an email. */
  findByUsername(username: string): Promise<Recipient | undefined>;
  metrics: Metrics;
  now: Clock;
  log: Log;
}

export function mailRoom(options: MailRoomOptions): { room: Room; mail: Mail } {
  const { config, mailboxStore, views, languages, messages, findByUsername, metrics, log } = options;
  const { issuer, smtpServer: server, smtpTls: tls, mailFrom: from } = config;
  const mailbox = endsInMailbox(config) ? createMailbox({ store: mailboxStore, log }) : undefined;
  async function voiceFor(address: string, posted: string | undefined): Promise<LetterVoice> {
    const person = await findByUsername(address);
    const language = languages.choose([person?.locale, posted]) ?? languages.offered[0];
    return { language, timeZone: person?.zoneinfo };
  }
  const mail = createMail({
    ...options,
    write: createLetterWriter({ render: views.render, messages, voiceFor, issuer }),
    transport: server ? createSmtpTransport({ server, tls, from }) : mailbox,
    count: (outcome) => metrics.letters.inc({ outcome }),
  });
  const room: Room = {
    name: 'mail',
    pages: mailbox ? mailboxPages({ mailbox, from: `${from.name} <${from.address}>`.trim() }) : [],
    chores: [{ name: 'deliver-mail', everySeconds: 1, onEveryNode: true, run: mail.deliverDue }],
    start: mail.start,
    stop: mail.stop,
  };
  return { room, mail };
}
