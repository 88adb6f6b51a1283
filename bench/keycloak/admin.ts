import { expectJson, expectText, WrongAnswer } from '../answers.ts';
import type { Http, Reply } from '../http.ts';

export interface Credentials {
  username: string;
  password: string;
}

/** The admin REST API of Keycloak, as far as the bench needs it. */
export interface KeycloakAdmin {
  get(path: string): Promise<unknown>;
  /** Returns the id of what was made, if it has one. */
  post(path: string, json: unknown): Promise<string>;
  put(path: string, json?: unknown): Promise<void>;
  delete(path: string): Promise<void>;
}

export function createKeycloakAdmin(http: Http, { username, password }: Credentials): KeycloakAdmin {
  /** Asked for each time, because a token is good for a minute only. */
  async function headers(): Promise<{ authorization: string }> {
    const form = { grant_type: 'password', client_id: 'admin-cli', username, password };
    const reply = await http.post('/realms/master/protocol/openid-connect/token', { form });
    return { authorization: `Bearer ${expectText(reply, expectJson(reply), 'access_token')}` };
  }

  return {
    async get(path) {
      return JSON.parse(accepted(await http.get(`/admin${path}`, { headers: await headers() })).body);
    },
    async post(path, json) {
      const reply = accepted(await http.post(`/admin${path}`, { headers: await headers(), json }));
      return String(reply.headers['location'] ?? '')
        .split('/')
        .at(-1)!;
    },
    async put(path, json) {
      accepted(await http.put(`/admin${path}`, { headers: await headers(), json }));
    },
    async delete(path) {
      accepted(await http.delete(`/admin${path}`, { headers: await headers() }));
    },
  };
}

function accepted(reply: Reply): Reply {
  if (reply.status < 200 || reply.status > 299) throw new WrongAnswer('Keycloak was expected to accept it', reply);
  return reply;
}
