import { system } from '../../src/platform/actor.ts';
import type { TestApp } from './app.ts';

/** So many groups, in the order of their names, which end in a number; the users are in all of them. */
export async function giveManyGroups(
  { app }: TestApp,
  { count, userIds, name = 'Crew' }: { count: number; userIds: string[]; name?: string },
): Promise<{ id: string; name: string }[]> {
  const names = Array.from({ length: count }, (_, index) => `${name} ${1000 + index}`);
  const common = { description: '', custom_data: {}, role_ids: [], parent_id: null, requires_second_factor: false };
  const groups: { id: string; name: string }[] = [];
  for (const each of names) {
    const { id } = await app.groups.create(system, { name: each, ...common });
    if (userIds.length > 0) await app.memberships.add(system, id, { userIds });
    groups.push({ id, name: each });
  }
  return groups;
}
