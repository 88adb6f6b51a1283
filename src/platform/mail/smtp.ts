import { asciiEmail } from '../../../config/email-address.ts';
import type { Config } from '../../../config/schema.ts';
import { isLoopbackHost } from '../../../config/shapes.ts';
import { EmailRefused, type Transport } from './email.ts';

export interface SmtpOptions {
  server: NonNullable<Config['smtpServer']>;
  tls: Config['smtpTls'];
  from: Config['mailFrom'];
}

/** Hands emails to a mail server, over a few connections that stay open. */
export function createSmtpTransport({ server, tls, from }: SmtpOptions): Transport {
  let opened: ReturnType<typeof openTransporter> | undefined;

  return {
    async send({ messageId, postedAt, to, subject, text, html }, signal) {
      const transporter = await (opened ??= openTransporter(server, tls));
      // RFC 5321, section 2.3.5: without SMTPUTF8 a domain is in A-labels.
      const recipient = { name: '', address: asciiEmail(to) };
      // RFC 3834: nobody's holiday notice should answer.
      const headers = { 'Auto-Submitted': 'auto-generated' };
      try {
        await transporter.sendMail({
          from: { ...from, address: asciiEmail(from.address) },
          to: recipient,
          messageId,
          date: postedAt,
          subject,
          text,
          html,
          headers,
          signal,
        });
      } catch (error) {
        throw isFinal(error) ? new EmailRefused((error as Error).message) : error;
      }
    },
    close: () => void opened?.then((transporter) => transporter.close()),
  };
}

async function openTransporter({ host, ...server }: SmtpOptions['server'], tls: SmtpOptions['tls']) {
  // Loaded for the first email, because many a node sends none.
  const { createTransport } = await import('nodemailer');
  const mustEncrypt = tls === 'require' || (tls === 'auto' && !isLoopbackHost(host));
  return createTransport({
    ...server,
    host: host.replace(/^\[|\]$/g, ''),
    pool: true,
    maxConnections: 3,
    requireTLS: mustEncrypt,
    // Who could show a false certificate could as well hide that the server offers TLS, so where it is not required a
    // certificate proves nothing.
    tls: { rejectUnauthorized: mustEncrypt || server.secure },
    dnsTimeout: 10_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // A template's text is never taken for the name of a file or of something to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * RFC 5321, section 4.2.1: 5yz is permanent. That applies to the email if the recipient or the content is refused; a
 * refused password or sender is for the operator to correct, and the email waits.
 */
function isFinal(error: unknown): boolean {
  const { command, responseCode } = error as { command?: string; responseCode?: number };
  return (command === 'RCPT TO' || command === 'DATA') && responseCode !== undefined && responseCode >= 500;
}
