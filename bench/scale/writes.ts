import { randomUUID } from 'node:crypto';
import type { User } from '../../src/directory/users/user.ts';
import type { Draws } from './draws.ts';
import { made } from '../api.ts';
import { operation, type Place, type ScaleOperation } from './operation.ts';

const MANY = 100;

/** Every change is taken back by the next request, so that a database can be used again. */
export const writeOperations: ScaleOperation[] = [
  operation('member: add, remove', 'POST and DELETE /groups/{group_id}/members', (place) => addAndRemove(place, 1)),
  operation(`${MANY} members: add, remove`, 'POST and DELETE /groups/{group_id}/members', (place) =>
    addAndRemove(place, MANY),
  ),
  operation('groups of a user: set, reset', 'PUT /users/{user_id}/groups, twice', async ({ api, draws }) => {
    const { id, memberships } = draws.customer();
    const before = memberships.map(({ group }) => group);
    await api.put(`/users/${id}/groups`, { group_ids: [...before.slice(1), draws.group().id] });
    await api.put(`/users/${id}/groups`, { group_ids: before });
  }),
  operation('user: create, delete', 'POST /users, DELETE /users/{user_id}', async ({ api, draws }) => {
    const { firstName, lastName, customData } = draws.user();
    const id = await made(
      api.post('/users', {
        username: `${randomUUID()}@example.com`,
        first_name: firstName,
        last_name: lastName,
        custom_data: customData,
        group_ids: [draws.group().id],
      }),
      'user_id',
    );
    await api.delete(`/users/${id}`);
  }),
  operation('group: create, delete', 'POST /groups, DELETE /groups/{group_id}', async ({ api }) => {
    const id = await made(api.post('/groups', { name: `Bench ${randomUUID()}` }), 'group_id');
    await api.delete(`/groups/${id}`);
  }),
];

async function addAndRemove({ api, draws }: Place, count: number): Promise<void> {
  const { id } = draws.group();
  const people = { user_ids: outsidersOf(id, count, draws) };
  await api.post(`/groups/${id}/members`, people);
  await api.delete(`/groups/${id}/members`, people);
}

/** Customers who are not in the group, so that taking them out again leaves it as it was. */
function outsidersOf(groupId: string, count: number, draws: Draws): string[] {
  const isMember = ({ memberships }: User) => memberships.some(({ group }) => group === groupId);
  const ids = new Set<string>();
  while (ids.size < count) {
    const user = draws.customer();
    if (!isMember(user)) ids.add(user.id);
  }
  return [...ids];
}
