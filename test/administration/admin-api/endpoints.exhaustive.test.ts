import { errorsOf } from '../../../src/administration/admin-api/openapi.ts';
import { statusOf } from '../../../src/platform/http/problems.ts';
import { giveService, serviceToken } from '../../support/app.ts';
import { directoryContents } from '../../support/contents.ts';
import { startRemoteApp } from '../../support/remote-app.ts';
import { keyOf, pathOf, startEndpoints, type EndpointRequests } from './endpoint-requests.ts';
import { GOOD_BODIES } from './good-bodies.ts';

const MIB = 1024 * 1024;

const WRONG_LIMITS = ['limit=1&limit=2', 'limit=0', 'limit=-1', 'limit=1e3', 'limit=99999', 'limit[$gt]=1'];
const WRONG_IDS = ['%24ne', '..%2F..', 'a'.repeat(300), '%00', "'%7C%7C1"];
const WRONG_CURSORS = [
  'x',
  'e30',
  Buffer.from('{"l":"groups","a":{"$gt":""}}').toString('base64url'),
  Buffer.from('{"l":"elsewhere","a":"a"}').toString('base64url'),
];

let on: EndpointRequests;
beforeAll(async () => {
  on = await startEndpoints();
});
afterAll(() => on.stop());

/** That nothing was written meanwhile. */
async function writingNothing(work: () => Promise<void>): Promise<void> {
  const before = await directoryContents(on.test);
  await work();
  expect(await directoryContents(on.test)).toEqual(before);
}

describe('every endpoint', () => {
  it('has a good body in the table where it takes one', () => {
    const wanted = on.endpoints.filter(({ body, accepts }) => body && !accepts).map(keyOf);
    expect(Object.keys(GOOD_BODIES).sort()).toEqual(wanted.sort());
  });

  it('asks for a token (RFC 6750) and writes nothing without', () =>
    writingNothing(async () => {
      for (const endpoint of on.endpoints) {
        for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer a b', 'Bearer not-a-token']) {
          const { headers } = await on.expectProblem(endpoint, 401, 'invalid_token', { authorization });
          expect(headers['www-authenticate']).toMatch(/^Bearer/);
        }
      }
    }));

  it('asks for its scope', async () => {
    const all = [...new Set(on.endpoints.map(({ scope }) => scope))];
    const service = await giveService(on.test);
    const tokens = new Map<string, string>();
    for (const scope of all)
      tokens.set(scope, await serviceToken(on.test, service, all.filter((each) => each !== scope).join(' ')));
    for (const endpoint of on.endpoints) {
      const authorization = `Bearer ${tokens.get(endpoint.scope)}`;
      const { headers } = await on.expectProblem(endpoint, 403, 'insufficient_scope', { authorization });
      expect(headers['www-authenticate']).toContain(`scope="${endpoint.scope}"`);
    }
  });

  it('says 405 with Allow for a method it does not have, and 404 for a path that is none', async () => {
    const { http } = on.test;
    const authorization = `Bearer ${on.token}`;
    for (const endpoint of on.endpoints) {
      const reply = await http.options(pathOf(endpoint)).set({ authorization });
      expect(reply.status).toBe(405);
      expect(reply.headers['allow']).toContain(endpoint.method.toUpperCase());
    }
    const notFound = { status: 404, code: 'route_not_found' };
    expect((await http.get('/v1/elsewhere').set({ authorization })).body).toMatchObject(notFound);
    expect((await http.get('/v1')).body).toMatchObject(notFound);
  });

  it('answers 503 while the database is away, and serves again when it is back', async () => {
    const { remote, proxy, stop } = await startRemoteApp(on.test);
    const authorization = `Bearer ${on.token}`;
    try {
      expect((await remote.http.get('/v1/groups').set({ authorization })).status).toBe(200);
      proxy.cut();
      const replies = await Promise.all(
        on.endpoints.map((endpoint) => {
          const request = remote.http[endpoint.method](pathOf(endpoint)).set({ authorization });
          if (endpoint.accepts) return request.set('content-type', 'text/csv').send('username\n');
          return endpoint.body ? request.send(GOOD_BODIES[keyOf(endpoint)]) : request;
        }),
      );
      expect(replies.map(({ status, body }) => `${status} ${body.code}`)).toEqual(
        on.endpoints.map(() => '503 unavailable'),
      );
      expect(replies[0]!.headers['retry-after']).toBe('5');
      expect((await remote.http.get('/readyz')).status).toBe(503);
      expect((await remote.http.get('/healthz')).status).toBe(200);
      proxy.mend();
      while ((await remote.http.get('/readyz')).status !== 200);
      expect((await remote.http.get('/v1/groups').set({ authorization })).status).toBe(200);
    } finally {
      await stop();
    }
  });

  it('is in the OpenAPI document with its scope and errors, and on the page that shows it', async () => {
    const { body: document } = await on.test.http.get('/v1/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    const page = await on.test.http.get('/v1/docs');
    expect(page.status).toBe(200);
    for (const endpoint of on.endpoints) {
      const operation = document.paths[endpoint.path][endpoint.method];
      expect(operation.security).toEqual([{ service: [endpoint.scope] }]);
      for (const { kind, code } of errorsOf(endpoint, on.endpoints))
        expect(operation.responses[String(statusOf[kind])].description).toContain(code);
      expect(page.text).toContain(endpoint.summary);
    }
  });
});

describe('every endpoint refuses, and writes nothing', () => {
  it('a parameter that it does not know', () =>
    writingNothing(async () => {
      for (const endpoint of on.endpoints) {
        const good = pathOf(endpoint);
        const path = `${good}${good.includes('?') ? '&' : '?'}colour=red`;
        const { body } = await on.expectProblem(endpoint, 400, 'invalid_input', { path });
        expect(body.errors).toEqual([{ parameter: 'colour', detail: 'is not a known field' }]);
      }
    }));

  it('a limit that is none, and a cursor of another list', () =>
    writingNothing(async () => {
      for (const endpoint of on.endpoints.filter(({ query }) => 'limit' in query.shape)) {
        for (const query of WRONG_LIMITS)
          await on.expectProblem(endpoint, 400, 'invalid_input', { path: `${pathOf(endpoint)}?${query}` });
        if (endpoint.path.includes('{')) continue;
        for (const cursor of WRONG_CURSORS)
          await on.expectProblem(endpoint, 400, 'bad_cursor', { path: `${pathOf(endpoint)}?cursor=${cursor}` });
      }
    }));

  it('an id that is none', () =>
    writingNothing(async () => {
      for (const endpoint of on.endpoints.filter(({ path }) => path.includes('{')))
        for (const id of WRONG_IDS)
          await on.expectProblem(endpoint, 400, 'invalid_input', { path: pathOf(endpoint, id) });
    }));
});

describe('every endpoint with a body refuses, and writes nothing', () => {
  const takingBodies = () => on.endpoints.filter(({ body, accepts }) => body && !accepts);

  it('a body that is not JSON, or too large', () =>
    writingNothing(async () => {
      for (const endpoint of takingBodies()) {
        await on.expectProblem(endpoint, 400, 'broken_json', { body: '{"name": ' });
        for (const type of ['text/plain', 'application/json; charset=utf-7', 'application/x-www-form-urlencoded'])
          await on.expectProblem(endpoint, 415, 'wrong_content_type', { type, body: 'name=x' });
        const padding = 'x'.repeat((endpoint.bodyLimit ?? 0) + MIB);
        await on.expectProblem(endpoint, 413, 'body_too_large', { body: { ...GOOD_BODIES[keyOf(endpoint)], padding } });
      }
    }));

  it('a body that is no object, or has a field that it does not know', () =>
    writingNothing(async () => {
      for (const endpoint of takingBodies()) {
        const good = GOOD_BODIES[keyOf(endpoint)]!;
        for (const body of ['[]', '"text"', '7', 'null', 'true'])
          await on.expectProblem(endpoint, 400, 'invalid_input', { body });
        const unknown = await on.expectProblem(endpoint, 400, 'invalid_input', { body: { ...good, colour: 'red' } });
        expect(unknown.body.errors).toContainEqual({ pointer: '#/colour', detail: 'is not a known field' });
        const body = `{"__proto__": {"a": 1}, ${JSON.stringify(good).slice(1)}`;
        const proto = await on.expectProblem(endpoint, 400, 'invalid_input', { body });
        const detail = "must not be named '__proto__'";
        expect(proto.body.errors).toEqual([{ pointer: '#/__proto__', detail }]);
      }
    }));

  it('a field of another type or with an operator, and says which', () =>
    writingNothing(async () => {
      for (const endpoint of takingBodies()) {
        const good = GOOD_BODIES[keyOf(endpoint)]!;
        for (const [field, value] of Object.entries(good)) {
          const isNullable = endpoint.body!.safeParse({ ...good, [field]: null }).success;
          const nothing = isNullable ? [] : [null];
          const ofAnotherType = [Array.isArray(value) ? 'text' : ['text'], typeof value === 'number' ? '7' : 7];
          for (const wrong of [{ $ne: '' }, { $gt: '' }, ...ofAnotherType, ...nothing]) {
            const body = { ...good, [field]: wrong };
            const reply = await on.expectProblem(endpoint, 400, 'invalid_input', { body });
            expect(reply.body.errors[0].pointer.split('/')[1]).toBe(field);
          }
        }
      }
    }));
});
