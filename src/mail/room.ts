/**
 * Owns emails: their templates, the outbox, delivery, and the development mailbox.
 * Must not touch: what they are about. Other modules write them in their own transactions, with their cause.
 */
import type { Config } from '../../config/schema.ts';
import type { Boxes } from '../base/boxes.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../http/log.ts';
import type { Languages } from '../http/languages.ts';
import type { Messages } from '../http/messages.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Views } from '../http/views.ts';
import type { Room } from '../room.ts';
import type { Person } from '../users/user.ts';
import type { Outbox } from './letter.ts';
import { createLetterWriter, type LetterVoice } from './letter-writer.ts';
import { createMail, type Mail } from './mail.ts';
import { mailboxPages } from './mailbox.pages.ts';
import { createMailbox, endsInMailbox, type MailboxStore } from './mailbox.ts';
import { createSmtpTransport } from './smtp.ts';

export interface MailRoomOptions {
  config: Config;
  outbox: Outbox;
  mailboxStore: MailboxStore;
  boxes: Boxes;
  views: Views;
  languages: Languages;
  messages: Messages;
  findByUsername(username: string): Promise<Person | undefined>;
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
