import { randomUUID } from 'node:crypto';
import { WrongAnswer } from '../answers.ts';
import { made, openApi, type Api } from '../api.ts';
import { CROWDED_GROUP } from '../sample.ts';
import type { Operation } from './operation.ts';

const PAGE = 100;

const createGroup: Operation = {
  name: 'group: create',
  about: 'POST /groups',
  needs: 'admin-api',
  async begin({ http }) {
    const api = await openApi(http);
    return async () => void (await newGroup(api));
  },
};

const readGroup: Operation = {
  name: 'group: read, 304',
  about: 'GET /groups/{group_id} with the ETag of the last answer',
  needs: 'admin-api',
  async begin({ http }) {
    const api = await openApi(http);
    const path = `/groups/${await newGroup(api)}`;
    const { headers } = await api.reply(path);
    const etag = String(headers['etag']);
    return async () => {
      const reply = await api.reply(path, { 'if-none-match': etag });
      if (reply.status !== 304 || reply.body !== '') throw new WrongAnswer('304 without a body was expected', reply);
    };
  },
};

const addMember: Operation = {
  name: 'member: add',
  about: 'POST /groups/{group_id}/members with one user',
  needs: 'admin-api',
  async begin({ http }) {
    const api = await openApi(http);
    const crowdIds = await allMembers(api, await crowdedGroup(api));
    let group = '';
    let left: string[] = [];
    return async () => {
      if (left.length === 0) {
        group = await newGroup(api);
        left = [...crowdIds];
      }
      const userId = left.pop()!;
      const outcomes = await api.post(`/groups/${group}/members`, { user_ids: [userId] });
      if (!JSON.stringify(outcomes).includes('"added"')) throw new Error(`${userId} was not added to ${group}.`);
    };
  },
};

const pageOfMembers: Operation = {
  name: `members: page of ${PAGE}`,
  about: 'GET /groups/{group_id}/members from a random place on',
  needs: 'admin-api',
  async begin({ http }) {
    const api = await openApi(http);
    const path = `/groups/${await crowdedGroup(api)}/members`;
    const cursors = await cursorsOf(api, path);
    return async () => {
      const cursor = cursors[Math.floor(Math.random() * cursors.length)]!;
      const members = await api.list(path, { limit: PAGE, cursor });
      if (members.length !== PAGE) throw new Error(`A page of ${PAGE} members was expected, not of ${members.length}.`);
    };
  },
};

const newGroup = (api: Api): Promise<string> =>
  made(api.post('/groups', { name: `Bench ${randomUUID()}` }), 'group_id');

async function crowdedGroup(api: Api): Promise<string> {
  const [group] = await api.list('/groups', { name: CROWDED_GROUP });
  return String(group?.['group_id']);
}

async function allMembers(api: Api, groupId: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { items } of api.pages(`/groups/${groupId}/members`, PAGE))
    ids.push(...items.map(({ user_id: id }) => String(id)));
  return ids;
}

/** Of every page but the first and the last, which is shorter or ends the list. */
async function cursorsOf(api: Api, path: string): Promise<string[]> {
  const cursors: string[] = [];
  for await (const { next } of api.pages(path, PAGE)) if (next !== null) cursors.push(next);
  return cursors.slice(0, -1);
}

/** What only Cohort has, so that it is measured alone. */
export const adminApiOperations: Operation[] = [createGroup, readGroup, addMember, pageOfMembers];
