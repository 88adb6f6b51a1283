import { randomUUID } from 'node:crypto';
import { WrongAnswer } from '../answers.ts';
import { made, openApi } from '../api.ts';
import type { Operation } from './operation.ts';

const PAGE = 100;

const createGroup: Operation = {
  name: 'group: create',
  about: 'POST /groups',
  needs: 'groups',
  async begin({ http, product }) {
    const directory = await product.openDirectory!(http);
    return async () => void (await directory.createGroup());
  },
};

const addMember: Operation = {
  name: 'member: add',
  about: 'POST /groups/{group_id}/members with one user',
  needs: 'groups',
  async begin({ http, product }) {
    const directory = await product.openDirectory!(http);
    const users = await directory.crowd();
    let groupId = '';
    let left: string[] = [];
    return async () => {
      if (left.length === 0) {
        groupId = await directory.createGroup();
        left = [...users];
      }
      await directory.addMember(groupId, left.pop()!);
    };
  },
};

const pageOfMembers: Operation = {
  name: `members: page of ${PAGE}`,
  about: 'GET /groups/{group_id}/members from a random place on',
  needs: 'groups',
  async begin({ http, product }) {
    const directory = await product.openDirectory!(http);
    const readPage = await directory.randomPages(PAGE);
    return async () => {
      const length = await readPage();
      if (length !== PAGE) throw new Error(`A page of ${PAGE} members was expected, not of ${length}.`);
    };
  },
};

const readGroup: Operation = {
  name: 'group: read, 304',
  about: 'GET /groups/{group_id} with the ETag of the last answer',
  needs: 'etags',
  async begin({ http }) {
    const api = await openApi(http);
    const path = `/groups/${await made(api.post('/groups', { name: `Bench ${randomUUID()}` }), 'group_id')}`;
    const { headers } = await api.reply(path);
    const etag = String(headers['etag']);
    return async () => {
      const reply = await api.reply(path, { 'if-none-match': etag });
      if (reply.status !== 304 || reply.body !== '') throw new WrongAnswer('304 without a body was expected', reply);
    };
  },
};

/** What has no counterpart at a bare provider. */
export const adminApiOperations: Operation[] = [createGroup, addMember, pageOfMembers, readGroup];
