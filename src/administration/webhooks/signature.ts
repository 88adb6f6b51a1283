import { createHmac, randomBytes } from 'node:crypto';
import { unixSeconds } from '../../platform/clock.ts';

const PREFIX = 'whsec_';

/** 32 random bytes, as Standard Webhooks 1.0 writes them. */
export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`;

/** The headers of a message; during a rotation it is signed with both secrets. */
export function signedHeaders(
  { id, body }: { id: string; body: string },
  secrets: string[],
  at: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(unixSeconds(at));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${signature}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
