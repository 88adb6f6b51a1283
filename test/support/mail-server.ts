import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** An email as it arrived: who the envelope names, and what a mail client reads in it. */
export interface ReceivedEmail {
  recipients: string[];
  raw: string;
  email: Email;
}

/** A real mail server on loopback. */
export interface MailServer {
  port: number;
  emails: ReceivedEmail[];
  stop(): Promise<void>;
}

/** Starts a mail server; without TLS and open to anybody, unless `more` says otherwise. */
export async function startMailServer({
  port = 0,
  ...more
}: SMTPServerOptions & { port?: number } = {}): Promise<MailServer> {
  const emails: ReceivedEmail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        PostalMime.parse(raw).then((email) => {
          emails.push({ recipients, raw: raw.toString('latin1'), email });
          done();
        }, done);
      });
    },
    ...more,
  });
  server.on('error', () => {
    // A client that goes away in the middle is part of some tests.
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    emails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
