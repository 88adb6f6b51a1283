/**
 * Owns emails: their templates, the outbox, delivery, and the development mailbox.
 * Must not touch: what they are about. Other modules write them in their own transactions, with their cause.
 */
import type { BaseModule, BasePlatform } from '../module.ts';
import { createEmailWriter, type EmailLocale } from './email-renderer.ts';
import { createMail, type Mail } from './mail.ts';
import { createMailboxStore } from './mailbox.mongo.ts';
import { mailboxPages } from './mailbox.pages.ts';
import { createMailbox, endsInMailbox } from './mailbox.ts';
import { createOutbox } from './outbox.mongo.ts';
import { createSmtpTransport } from './smtp.ts';

interface Recipient {
  locale?: string | undefined;
  zoneinfo?: string | undefined;
}

export interface MailModuleOptions {
  /** Whose profile decides the language and the time zone of an email. */
  findRecipient(username: string): Promise<Recipient | undefined>;
}

export function createMailModule(
  { config, connection, encryption, views, languages, messages, metrics, now, log }: BasePlatform,
  { findRecipient }: MailModuleOptions,
): { service: Mail; module: BaseModule } {
  const { issuer, smtpServer: server, smtpTls: tls, mailFrom: from } = config;
  const mailbox = endsInMailbox(config) ? createMailbox({ store: createMailboxStore(connection), log }) : undefined;

  async function localeFor(address: string, posted: string | undefined): Promise<EmailLocale> {
    const recipient = await findRecipient(address);
    const language = languages.choose([recipient?.locale, posted]) ?? languages.offered[0];
    return { language, timeZone: recipient?.zoneinfo };
  }

  const mail = createMail({
    outbox: createOutbox(connection),
    encryption,
    write: createEmailWriter({ render: views.render, messages, localeFor, issuer }),
    transport: server ? createSmtpTransport({ server, tls, from }) : mailbox,
    now,
    log,
    count: (outcome) => metrics.emails.inc({ outcome }),
  });
  return {
    service: mail,
    module: {
      name: 'mail',
      pages: mailbox ? mailboxPages({ mailbox, from: `${from.name} <${from.address}>`.trim() }) : [],
      tasks: [{ name: 'deliver-mail', everySeconds: 1, onEveryNode: true, run: mail.deliverDue }],
      start: mail.start,
      stop: mail.stop,
    },
  };
}
