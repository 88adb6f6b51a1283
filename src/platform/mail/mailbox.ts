import type { Config } from '../../../config/schema.ts';
import { isLoopbackHost } from '../../../config/shapes.ts';
import type { Log } from '../http/log.ts';
import type { Transport, WrittenLetter } from './email.ts';

export interface MailboxStore {
  /** An email that is sent again replaces the first one. */
  put(letter: WrittenLetter): Promise<void>;
  /** The newest 100, newest first. */
  list(): Promise<WrittenLetter[]>;
  find(id: string): Promise<WrittenLetter | undefined>;
}

/** True on a laptop without a mail server. Elsewhere emails wait: nobody but their recipients should read them. */
export function endsInMailbox({ smtpServer, issuer }: Pick<Config, 'smtpServer' | 'issuer'>): boolean {
  return !smtpServer && isLoopbackHost(new URL(issuer).hostname);
}

/** Where emails go on a laptop without a mail server. For development: it keeps them as they are, links and all. */
export type Mailbox = Transport & Pick<MailboxStore, 'list' | 'find'>;

export function createMailbox({ store, log }: { store: MailboxStore; log: Log }): Mailbox {
  return {
    async send(letter) {
      await store.put(letter);
      log.info({ to: letter.to, subject: letter.subject }, 'stored an email in the development mailbox at /dev/mail');
    },
    close: () => {},
    list: store.list,
    find: store.find,
  };
}
