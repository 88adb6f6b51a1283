import { expectFields, expectJson, expectJwt } from '../answers.ts';
import { adminApiOf, application, claims, publicApplication, SERVICE_SCOPE, service } from '../sample.ts';
import { authorize, signIn, type SignInOptions } from '../sign-in.ts';
import { basic, redeem, renew, unheardOf, type Tokens } from '../token-requests.ts';
import type { Operation, Worker } from './operation.ts';

const clientCredentials: Operation = {
  name: 'client-credentials',
  about: 'POST /token for a JWT access token',
  async begin({ http, product }) {
    const headers = { authorization: basic(service) };
    const form = { grant_type: 'client_credentials', scope: SERVICE_SCOPE };
    return async () => {
      const reply = await http.post(product.paths.token, { headers, form });
      const tokens = expectJson(reply);
      expectFields(reply, tokens, { token_type: 'Bearer', scope: SERVICE_SCOPE });
      const { origin } = http;
      const expected = { iss: product.issuerOf(origin), aud: adminApiOf(origin), client_id: service.id };
      expectFields(reply, expectJwt(reply, tokens, 'access_token'), expected);
    };
  },
};

const codeFlow: Operation = {
  name: 'code-flow',
  about: 'GET /auth with a session, POST /token with the code',
  async begin(worker) {
    const { browser } = await signIn(worker, worker.username);
    return async () => void (await redeem(worker, await authorize(worker, browser)));
  },
};

const refresh: Operation = {
  name: 'refresh',
  about: 'POST /token with a refresh token of a client with a secret',
  begin: (worker) => beginRefreshing(worker, { client: application }),
};

const refreshRotating: Operation = {
  name: 'refresh-rotating',
  about: 'POST /token with a refresh token of a public client, which each use replaces',
  begin: (worker) => beginRefreshing(worker, { client: publicApplication }),
};

async function beginRefreshing(worker: Worker, options: SignInOptions) {
  let tokens = await tokensOf(worker, options);
  return async () => {
    tokens = await renew(worker, tokens);
  };
}

const userinfo: Operation = {
  name: 'userinfo',
  about: 'GET /me with a user’s access token, again and again',
  begin: (worker) => beginReading(worker, () => ({})),
};

const userinfoOnce: Operation = {
  name: 'userinfo: once',
  about: 'the same by a request that has not been sent before',
  begin: (worker) => beginReading(worker, unheardOf),
};

async function beginReading(worker: Worker, more: () => Record<string, string>) {
  const { accessToken, subject } = await tokensOf(worker);
  return async () => {
    const headers = { authorization: `Bearer ${accessToken}`, ...more() };
    const reply = await worker.http.get(worker.product.paths.userinfo, { headers });
    expectFields(reply, expectJson(reply), { sub: subject, email: worker.username, ...claims });
  };
}

const introspection: Operation = {
  name: 'introspection',
  about: 'POST /token/introspection of a user’s access token, again and again',
  begin: (worker) => beginIntrospecting(worker, () => ({})),
};

const introspectionOnce: Operation = {
  name: 'introspection: once',
  about: 'the same by a request that has not been sent before',
  begin: (worker) => beginIntrospecting(worker, unheardOf),
};

async function beginIntrospecting(worker: Worker, more: () => Record<string, string>) {
  const { accessToken, subject } = await tokensOf(worker);
  return async () => {
    const { http, product } = worker;
    const headers = { authorization: basic(application), ...more() };
    const reply = await http.post(product.paths.introspection, { headers, form: { token: accessToken } });
    expectFields(reply, expectJson(reply), { active: true, sub: subject, client_id: application.id });
  };
}

const fullSignIn: Operation = {
  name: 'sign-in',
  about: 'GET /auth, the page, the password, back with a code',
  begin: async (worker) => async () => void (await signIn(worker, worker.username)),
};

async function tokensOf(worker: Worker, options?: SignInOptions): Promise<Tokens> {
  return redeem(worker, await signIn(worker, worker.username, options));
}

/** What every provider has. */
export const tokenOperations: Operation[] = [
  clientCredentials,
  codeFlow,
  refresh,
  refreshRotating,
  userinfo,
  userinfoOnce,
  introspection,
  introspectionOnce,
  fullSignIn,
];
