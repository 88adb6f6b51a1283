import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { allowLongBody, createInFlight } from '../../../src/platform/http/in-flight.ts';

const BODY_MS = 300;

describe('a request whose body comes byte by byte', () => {
  let handle: (req: IncomingMessage, res: ServerResponse) => void;
  const { add } = createInFlight(BODY_MS);
  const server = createServer((req, res) => {
    add(res);
    handle(req, res);
  });
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => server.close());

  /** Sends a byte every tenth of a second, and resolves to the status of the answer or the code of the error. */
  async function trickle(bytes: number): Promise<number | string> {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, method: 'POST', headers: { 'content-length': bytes }, agent: false });
    const end = new Promise<number | string>((resolve) => {
      sent.on('response', (reply) => resolve(reply.resume().statusCode!));
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
    });
    for (let count = 0; count < bytes && !sent.destroyed; count += 1) {
      sent.write('a');
      await pause(100);
    }
    sent.end();
    return end;
  }

  const answerWhenRead = (req: IncomingMessage, res: ServerResponse) => void req.resume().on('end', () => res.end());

  it('is cut off', async () => {
    handle = answerWhenRead;
    expect(await trickle(40)).toMatch(/ECONNRESET|EPIPE/);
  });

  it('is not where a body may take long', async () => {
    handle = (req, res) => {
      allowLongBody(req);
      answerWhenRead(req, res);
    };
    expect(await trickle(20)).toBe(200);
  });

  it('is not once it is complete, however long the answer takes', async () => {
    handle = (req, res) => void req.resume().on('end', () => setTimeout(() => res.end(), 2000));
    expect(await trickle(1)).toBe(200);
  });
});
