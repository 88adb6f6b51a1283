import { expectFields, expectJson, expectJwt, WrongAnswer } from './answers.ts';
import type { Http } from './http.ts';
import type { Work } from './load.ts';
import { adminApiOf, application, claims, SERVICE_SCOPE, service } from './sample.ts';
import { authorize, basic, redeem, renew, signIn, type Tokens } from './sign-in.ts';

/** Who does an operation: one worker, with a user of its own. */
export interface Worker {
  http: Http;
  username: string;
}

/** Something that applications and people ask of a server all day. */
export interface Operation {
  name: string;
  /** What is sent, in a few words. */
  about: string;
  /** Makes what a worker needs, which is not counted, and returns what it then does again and again. */
  begin(worker: Worker): Promise<Work>;
}

const clientCredentials: Operation = {
  name: 'client-credentials',
  about: 'POST /token for a JWT access token',
  async begin({ http }) {
    const headers = { authorization: basic(service) };
    const form = { grant_type: 'client_credentials', scope: SERVICE_SCOPE };
    return async () => {
      const reply = await http.post('/token', { headers, form });
      const tokens = expectJson(reply);
      expectFields(reply, tokens, { token_type: 'Bearer', scope: SERVICE_SCOPE });
      const expected = { iss: http.origin, aud: adminApiOf(http.origin), client_id: service.id };
      expectFields(reply, expectJwt(reply, tokens, 'access_token'), expected);
    };
  },
};

const codeFlow: Operation = {
  name: 'code-flow',
  about: 'GET /auth with a session, POST /token with the code',
  async begin({ http, username }) {
    const { browser } = await signIn(http, username);
    return async () => void (await redeem(http, await authorize(browser)));
  },
};

const refresh: Operation = {
  name: 'refresh',
  about: 'POST /token with a refresh token',
  async begin(worker) {
    let { refreshToken } = await tokensOf(worker);
    return async () => {
      ({ refreshToken } = await renew(worker.http, refreshToken));
    };
  },
};

const userinfo: Operation = {
  name: 'userinfo',
  about: 'GET /me with an opaque access token',
  async begin(worker) {
    const { accessToken, subject } = await tokensOf(worker);
    const headers = { authorization: `Bearer ${accessToken}` };
    return async () => {
      const reply = await worker.http.get('/me', { headers });
      expectFields(reply, expectJson(reply), { sub: subject, email: worker.username, ...claims });
    };
  },
};

const introspection: Operation = {
  name: 'introspection',
  about: 'POST /token/introspection of an opaque access token',
  async begin(worker) {
    const { accessToken, subject } = await tokensOf(worker);
    const headers = { authorization: basic(application) };
    return async () => {
      const reply = await worker.http.post('/token/introspection', { headers, form: { token: accessToken } });
      expectFields(reply, expectJson(reply), { active: true, sub: subject, client_id: application.id });
    };
  },
};

const jwks: Operation = {
  name: 'jwks',
  about: 'GET /jwks',
  async begin({ http }) {
    return async () => {
      const reply = await http.get('/jwks');
      const { keys } = expectJson(reply);
      const [first] = Array.isArray(keys) ? (keys as Record<string, unknown>[]) : [];
      if (!first || 'd' in first) throw new WrongAnswer('Public keys were expected', reply);
      expectFields(reply, first, { kty: 'RSA', alg: 'RS256' });
    };
  },
};

const fullSignIn: Operation = {
  name: 'sign-in',
  about: 'GET /auth, the page, the password, back with a code',
  begin: async ({ http, username }) => {
    return async () => void (await signIn(http, username));
  },
};

async function tokensOf({ http, username }: Worker): Promise<Tokens> {
  return redeem(http, await signIn(http, username));
}

export const operations: Operation[] = [
  clientCredentials,
  codeFlow,
  refresh,
  userinfo,
  introspection,
  jwks,
  fullSignIn,
];
