import { randomUUID } from 'node:crypto';
import { expectJson, expectText, WrongAnswer } from '../answers.ts';
import type { Http, Reply } from '../http.ts';
import { administrator } from '../keycloak/realm.ts';
import { crowd, CROWDED_GROUP } from '../sample.ts';
import { basic } from '../token-requests.ts';
import type { Directory } from './directory.ts';

interface Identified {
  id: string;
}

/** The admin REST API, with a token of a client that may manage the realm. */
export async function openKeycloakDirectory(http: Http, realm: string): Promise<Directory> {
  const form = { grant_type: 'client_credentials' };
  const path = `/realms/${realm}/protocol/openid-connect/token`;
  const granted = await http.post(path, { headers: { authorization: basic(administrator) }, form });
  const headers = { authorization: `Bearer ${expectText(granted, expectJson(granted), 'access_token')}` };
  const base = `/admin/realms/${realm}`;

  async function list(address: string): Promise<Identified[]> {
    const reply = await http.get(`${base}${address}`, { headers });
    if (reply.status !== 200) throw new WrongAnswer('A list was expected', reply);
    // A cast, because Keycloak's documentation says so.
    return JSON.parse(reply.body) as Identified[];
  }

  async function members(): Promise<string> {
    const [group] = await list(`/groups?search=${CROWDED_GROUP}&exact=true`);
    return `/groups/${group?.id}/members`;
  }

  return {
    async createGroup() {
      const json = { name: `Bench ${randomUUID()}` };
      const reply = expectStatus(201, await http.post(`${base}/groups`, { headers, json }));
      return String(reply.headers['location']).split('/').at(-1)!;
    },
    async addMember(groupId, userId) {
      expectStatus(204, await http.put(`${base}/users/${userId}/groups/${groupId}`, { headers }));
    },
    crowd: async () => (await list(`${await members()}?max=${crowd.length}`)).map(({ id }) => id),
    async randomPages(length) {
      const address = await members();
      return async () => {
        const first = length * (1 + Math.floor(Math.random() * (crowd.length / length - 2)));
        return (await list(`${address}?first=${first}&max=${length}`)).length;
      };
    },
  };
}

function expectStatus(status: number, reply: Reply): Reply {
  if (reply.status !== status) throw new WrongAnswer(`${status} was expected`, reply);
  return reply;
}
