import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { system } from '../../src/platform/actor.ts';
import { giveApplication, type TestHouse } from './app.ts';

/** An application that is told when sessions end, and verifies what it is told (OpenID Connect Back-Channel Logout 1.0, 2.6). */
export async function giveToldApplication(test: TestHouse, name: string) {
  const application = await giveApplication(test, { name });
  const keys = createRemoteJWKSet(new URL(`${test.issuer}/jwks`));
  const told: JWTPayload[] = [];
  const answers: ((res: ServerResponse) => void)[] = [];

  async function receive(body: string): Promise<void> {
    const token = new URLSearchParams(body).get('logout_token')!;
    const expected = { issuer: test.issuer, audience: application.id, typ: 'logout+jwt', maxTokenAge: '2m' };
    const { payload } = await jwtVerify(token, keys, expected);
    const events = JSON.stringify(payload['events']);
    if (events !== '{"http://schemas.openid.net/event/backchannel-logout":{}}' || 'nonce' in payload)
      throw new Error(`This is no logout token: ${JSON.stringify(payload)}`);
    told.push(payload);
  }

  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const answer = answers.shift() ?? ((response) => response.end());
      void receive(body).then(
        () => answer(res),
        (error: Error) => void told.push({ fault: error.message }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`;
  await test.house.applications.update(system, application.id, { backchannel_logout_uri: uri });

  return {
    ...application,
    /** The logout tokens that it got. */
    told,
    /** How it answers the next ones; with 200 when nothing is said. */
    answers,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type ToldApplication = Awaited<ReturnType<typeof giveToldApplication>>;
