import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { PUSH } from '../../src/oidc/shared-signals/stream.ts';
import { USER_EVENTS, type UserEvent } from '../../src/oidc/shared-signals/security-event.ts';
import { adminToken, giveApplication, type TestApp } from './app.ts';

/** What one security event token says. */
export interface Told {
  event: string;
  sub: string | undefined;
  details: Record<string, unknown>;
  payload: JWTPayload;
}

export const ALL_EVENTS = Object.values(USER_EVENTS);

/** An application that may receive security events. */
export async function giveReceiver(test: TestApp, name = 'Receiver') {
  const application = await giveApplication(test, { name });
  const admin = await adminToken(test);
  const signals = (settings: object) =>
    test.http
      .put(`/v1/applications/${application.id}/signals`)
      .set('authorization', `Bearer ${admin}`)
      .send(settings)
      .expect(200);
  await signals({ shared_signals: true });
  return { ...(await becomeReceiver(test, application)), signals };
}

/** Receives security events, and verifies them as RFC 8417 and the CAEP Interoperability Profile say. */
export async function becomeReceiver(test: TestApp, application: { id: string; secret: string }) {
  const keys = createRemoteJWKSet(new URL(`${test.issuer}/jwks`));

  async function open(token: string): Promise<Told> {
    const { payload } = await jwtVerify(token, keys, {
      issuer: test.issuer,
      audience: application.id,
      typ: 'secevent+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['jti', 'iat', 'txn', 'sub_id', 'events'],
    });
    if ('sub' in payload || 'exp' in payload) throw new Error('A security event token has neither sub nor exp.');
    const events = Object.entries(payload['events'] as Record<string, Record<string, unknown>>);
    if (events.length !== 1) throw new Error('A security event token has one event.');
    const [[uri, details]] = events as [[string, Record<string, unknown>]];
    const subject = payload['sub_id'] as { sub?: string; user?: { sub?: string } };
    const known = Object.entries(USER_EVENTS).find(([, each]) => each === uri)?.[0];
    return { event: known ?? uri, sub: subject.sub ?? subject.user?.sub, details, payload };
  }

  async function accessToken(scope = 'ssf.manage ssf.read'): Promise<string> {
    const { body } = await test.http
      .post('/token')
      .auth(application.id, application.secret)
      .type('form')
      .send({ grant_type: 'client_credentials', scope });
    return body.access_token as string;
  }
  const token = await accessToken();

  const call = (method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](`/ssf${path}`).set('authorization', `Bearer ${token}`).send(body);

  const createStream = async (stream: object): Promise<{ stream_id: string }> =>
    (await call('post', '/stream', { events_requested: ALL_EVENTS, ...stream }).expect(201)).body;

  /** Everything that waits, acknowledged in the same call as the next is asked for. */
  async function poll(streamId: string, http = test.http): Promise<Told[]> {
    const told: Told[] = [];
    let ack: string[] = [];
    for (;;) {
      const { body } = await http
        .post(`/ssf/poll/${streamId}`)
        .set('authorization', `Bearer ${token}`)
        .send({ returnImmediately: true, ack })
        .expect(200);
      const sets = Object.values(body.sets as Record<string, string>);
      if (sets.length === 0) return told;
      told.push(...(await Promise.all(sets.map(open))));
      ack = Object.keys(body.sets as object);
    }
  }

  /** Polls until so many are there. */
  async function pollFor(streamId: string, count: number): Promise<Told[]> {
    const told: Told[] = [];
    const until = performance.now() + 20_000;
    while (told.length < count && performance.now() < until) {
      told.push(...(await poll(streamId)));
      if (told.length < count) await pause(50);
    }
    return told;
  }

  return { ...application, open, accessToken, token, call, createStream, poll, pollFor };
}

export type Receiver = Awaited<ReturnType<typeof giveReceiver>>;

/** Where events are pushed to (RFC 8935). */
export async function startPushEndpoint(receiver: Pick<Receiver, 'open'>) {
  const told: Told[] = [];
  const headers: Record<string, unknown>[] = [];
  /** How it answers the next ones; with 202 when nothing is said. Without an answer it has not taken the event. */
  const answers: ((res: ServerResponse) => void)[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      headers.push(req.headers);
      const answer = answers.shift();
      if (answer) return answer(res);
      void receiver.open(body).then(
        (each) => {
          told.push(each);
          res.writeHead(202).end();
        },
        (error: Error) => res.writeHead(500).end(error.message),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  return {
    told,
    headers,
    answers,
    delivery: { method: PUSH, endpoint_url: url, authorization_header: 'Bearer receiver' },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Keeps a task of a node running until it is stopped. */
export function keepRunning({ app }: TestApp, name: string) {
  const task = app.modules.flatMap(({ tasks = [] }) => tasks).find((each) => each.name === name)!;
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await task.run(stopping.signal).catch((error: unknown) => process.stderr.write(`${name}: ${String(error)}\n`));
      await pause(20);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}

export const eventsOf = (told: Told[], event: UserEvent) => told.filter((each) => each.event === event);

/** Until it was noticed that a user has signed in somewhere: before, there is nothing to compare with. */
export async function untilKnown({ app }: TestApp, userId: string): Promise<void> {
  const known = app.database.connection.collection('application_users');
  while (!(await known.findOne({ userId }))) await pause(20);
}
