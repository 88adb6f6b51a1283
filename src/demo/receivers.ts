/** What is told of changes, received as an application or a webhook's receiver would. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';

type Thing = Record<string, unknown>;

/** A stream of events of one type that is polled (RFC 8936). */
export async function createStream(issuer: string, application: client.Configuration, event: string) {
  const scope = 'ssf.read ssf.manage';
  const { access_token: token } = await client.clientCredentialsGrant(application, { scope });
  const post = async (address: string, body: object): Promise<Thing> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Thing;
  };
  const stream = await post(`${issuer}/ssf/stream`, { events_requested: [event] });
  const { endpoint_url: address } = stream['delivery'] as { endpoint_url: string };
  return {
    /** The claims of the first event. */
    async poll(): Promise<Thing> {
      const { sets } = (await post(address, {})) as { sets: Record<string, string> };
      const [first] = Object.values(sets);
      if (!first) throw new Error('No security event arrived.');
      const events = decodeJwt(first)['events'] as Record<string, { claims: Thing }>;
      return events[event]?.claims ?? {};
    },
  };
}

/** Where webhook messages arrive. */
export async function startReceiver() {
  const messages: { body: string; headers: Record<string, unknown> }[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      messages.push({ body, headers: req.headers });
      res.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    isSigned: (secret: string, type: string) =>
      messages.some(({ body, headers }) => {
        const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
        const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
        const signature = createHmac('sha256', key).update(signed).digest('base64');
        return body.includes(`"type":"${type}"`) && headers['webhook-signature'] === `v1,${signature}`;
      }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @throws after ten seconds */
export async function until(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isThere())) {
    if (performance.now() > end) throw new Error(`There is no ${what} after ten seconds.`);
    await pause(100);
  }
}
