import { randomUUID } from 'node:crypto';
import { made, openApi, type Api } from '../api.ts';
import type { Http } from '../http.ts';
import { CROWDED_GROUP } from '../sample.ts';
import type { Directory } from './directory.ts';

const LONGEST_PAGE = 100;

export async function openCohortDirectory(http: Http): Promise<Directory> {
  const api = await openApi(http);
  const members = async () => `/groups/${await crowdedGroup(api)}/members`;
  return {
    createGroup: () => made(api.post('/groups', { name: `Bench ${randomUUID()}` }), 'group_id'),
    async addMember(groupId, userId) {
      const outcomes = await api.post(`/groups/${groupId}/members`, { user_ids: [userId] });
      if (!JSON.stringify(outcomes).includes('"added"')) throw new Error(`${userId} was not added to ${groupId}.`);
    },
    async crowd() {
      const ids: string[] = [];
      for await (const { items } of api.pages(await members(), LONGEST_PAGE))
        ids.push(...items.map(({ user_id: id }) => String(id)));
      return ids;
    },
    async randomPages(length) {
      const path = await members();
      const cursors = await cursorsOf(api, path, length);
      return async () => {
        const cursor = cursors[Math.floor(Math.random() * cursors.length)]!;
        return (await api.list(path, { limit: length, cursor })).length;
      };
    },
  };
}

async function crowdedGroup(api: Api): Promise<string> {
  const [group] = await api.list('/groups', { name: CROWDED_GROUP });
  return String(group?.['group_id']);
}

/** Of every page but the first and the last, which may be shorter. */
async function cursorsOf(api: Api, path: string, length: number): Promise<string[]> {
  const cursors: string[] = [];
  for await (const { next } of api.pages(path, length)) if (next !== null) cursors.push(next);
  return cursors.slice(0, -1);
}
