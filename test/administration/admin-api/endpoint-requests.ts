import type { Endpoint } from '../../../src/platform/http/endpoint.ts';
import { adminToken, startApp } from '../../support/app.ts';
import { GOOD_BODIES, NOBODY } from './good-bodies.ts';

export type EndpointRequests = Awaited<ReturnType<typeof startEndpoints>>;

interface RequestOptions {
  authorization?: string;
  path?: string;
  body?: object | string | undefined;
  type?: string;
}

export const keyOf = ({ method, path }: Endpoint) => `${method} ${path}`;

/** The path of an endpoint about a thing that is not there, or about `value`. */
export const pathOf = ({ path, accepts }: Endpoint, value = NOBODY) =>
  path.replace(/\{\w+\}/g, value) + (accepts ? '?type=users' : requiredQuery(path));

/** The few that do not work without a parameter. */
const requiredQuery = (path: string) => (path === '/v1/users/{user_id}/claims' ? `?application_id=${NOBODY}` : '');

/** Every endpoint of an app, and requests to each of them that are right but for what a test changes. */
export async function startEndpoints() {
  const test = await startApp();
  const token = await adminToken(test);

  function send(
    endpoint: Endpoint,
    {
      authorization = `Bearer ${token}`,
      path = pathOf(endpoint),
      body = GOOD_BODIES[keyOf(endpoint)],
      type = 'application/json',
    }: RequestOptions = {},
  ) {
    const request = test.http[endpoint.method](path);
    if (authorization) void request.set('authorization', authorization);
    if (endpoint.accepts)
      return request.set('content-type', type === 'application/json' ? 'text/csv' : type).send('username\n');
    if (!endpoint.body) return request;
    return request.set('content-type', type).send(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Expects a problem document (RFC 9457) of this status and code, and returns the reply. */
  async function expectProblem(endpoint: Endpoint, status: number, code: string, options: RequestOptions = {}) {
    const reply = await send(endpoint, options);
    expect({ endpoint: keyOf(endpoint), status: reply.status, body: reply.body }).toEqual({
      endpoint: keyOf(endpoint),
      status,
      body: expect.objectContaining({
        type: `urn:cohort:problem:${code}`,
        status,
        code,
        title: expect.any(String),
        detail: expect.any(String),
        request_id: expect.any(String),
      }),
    });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    return reply;
  }

  return { test, token, endpoints: test.app.endpoints, send, expectProblem, stop: () => test.tearDown() };
}
