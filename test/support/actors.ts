import type { Actor } from '../../src/platform/actor.ts';
import type { App } from '../../src/app/app.ts';
import { giveService, serviceToken, type TestApp } from './app.ts';

/** What became of a call: its status, and why it was refused. */
export interface Outcome {
  status: number;
  code?: string;
  detail?: string;
  body: unknown;
}

export interface Call {
  /** As an endpoint object has it: `post /v1/users`. */
  name: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: object;
  /** A file in JSON Lines instead of a body. */
  upload?: string;
}

/** Somebody with certain scopes, who calls the admin API one way or the other. */
export interface Caller {
  /** The client id or the user id. */
  id: string;
  call(call: Call): Promise<Outcome>;
}

/** A service with just these scopes and a token for all of them, over HTTP. */
export async function serviceWith(test: TestApp, scopes: string[]): Promise<Caller & { secret: string }> {
  const service = await giveService(test, scopes);
  const token = await serviceToken(test, service, scopes.join(' '));
  return {
    ...service,
    async call({ name, params = {}, query = {}, body, upload }) {
      const [method = '', path = ''] = name.split(' ');
      const address = path.replace(/\{(\w+)\}/g, (_, param: string) => params[param]!);
      // A cast, because the names of endpoints begin with their methods.
      const request = test.http[method as 'post'](address).query(query).set('authorization', `Bearer ${token}`);
      const sent = upload === undefined ? request.send(body) : request.type('application/x-ndjson').send(upload);
      const reply = await sent;
      const { code, detail } = reply.body as { code?: string; detail?: string };
      return { status: reply.status, body: reply.body, ...(code ? { code } : {}), ...(detail ? { detail } : {}) };
    },
  };
}

interface NamedCall extends Partial<Pick<Call, 'params' | 'query'>> {
  body?: unknown;
  upload?: { content: string; type: string };
  ifMatch?: string;
}

/** Calls in this process, by the names of endpoints: `post /v1/users`. */
export function callsByName({ calls, endpoints }: App, actor: Actor) {
  const { call } = calls.callsOf(actor);
  return async <T>(name: string, given: NamedCall = {}) => {
    const endpoint = endpoints.find(({ method, path }) => `${method} ${path}` === name);
    if (!endpoint) throw new Error(`There is no endpoint ${name}.`);
    const { params = {} } = given;
    const reply = await call(endpoint, { ...given, params });
    return { ...reply, body: reply.body as T };
  };
}

/** An administrator with just these scopes, as the pages of the console call, in this process. */
export function administratorWith({ app }: TestApp, actor: Pick<Actor, 'id' | 'scopes' | 'adminScope'>): Caller {
  const call = callsByName(app, { kind: 'user', name: 'administrator', ...actor });
  return {
    id: actor.id,
    async call({ name, params = {}, query = {}, body, upload }) {
      const file = upload === undefined ? {} : { upload: { content: upload, type: 'application/x-ndjson' } };
      try {
        const reply = await call(name, { params, query, body, ...file });
        return { status: 200, body: reply.body };
      } catch (error) {
        const { kind, code, message } = error as { kind?: string; code?: string; message: string };
        if (!kind || !code) throw error;
        return { status: kind === 'forbidden' ? 403 : 400, code, detail: message, body: undefined };
      }
    },
  };
}
