import { MOST_FORMER_NAMES } from '../../../../src/directory/groups/former-names.ts';
import { system } from '../../../../src/platform/actor.ts';
import { giveGroup, giveUser, giveRole, type TestApp } from '../../../support/app.ts';
import { NOBODY } from '../good-bodies.ts';
import {
  at,
  deepestGroupId,
  newEmail,
  newGroupId,
  newName,
  newUserId,
  withBody,
  type Provocation,
  type Provocations,
} from './provocation.ts';

const MOST_OWNERS = 50;

const nobodyAt = (rest = '') => ({ group_not_found: at(`/v1/groups/${NOBODY}${rest}`) });
const newGroupAt =
  (rest: string, body?: object): Provocation =>
  async (test) => ({ path: `/v1/groups/${await newGroupId(test)}${rest}`, ...(body ? { body } : {}) });

/** A call that makes somebody an owner of a group that has as many as it may have. */
async function oneOwnerTooMany(test: TestApp): Promise<{ path: string }> {
  const groupId = await newGroupId(test);
  for (let owners = 0; owners < MOST_OWNERS; owners += 1)
    await test.app.memberships.addOwner(system, groupId, await newUserId(test));
  return { path: `/v1/groups/${groupId}/owners/${await newUserId(test)}` };
}

/** A call that renames a group once more than it may be. */
async function oftenRenamed(test: TestApp): Promise<{ path: string; body: object }> {
  const groupId = await newGroupId(test);
  for (let count = 0; count < MOST_FORMER_NAMES; count += 1)
    await test.app.groups.update(system, groupId, { name: newName('Renamed') });
  return { path: `/v1/groups/${groupId}`, body: { name: newName('Renamed') } };
}

export const groups: Provocations = {
  'get /v1/groups': { unsupported_search: at('/v1/groups?q=fans&sort=created_at') },
  'post /v1/groups': {
    unknown_group: withBody({ name: 'Orphan', parent_id: NOBODY }),
    nesting_too_deep: async (test) => ({ body: { name: 'Eleventh', parent_id: await deepestGroupId(test) } }),
    group_name_taken: async (test) => {
      const { name } = await giveGroup(test, newName('Taken'));
      return { body: { name: name.toUpperCase() } };
    },
    group_name_with_comma: withBody({ name: 'Guests,Pilots' }),
    unknown_role: withBody({ name: 'With role', role_ids: [NOBODY] }),
    unknown_member: withBody({ name: 'With member', member_ids: [NOBODY] }),
  },
  'get /v1/groups/{group_id}': nobodyAt(),
  'patch /v1/groups/{group_id}': {
    ...nobodyAt(),
    unknown_group: newGroupAt('', { parent_id: NOBODY }),
    group_cycle: async (test) => {
      const id = await newGroupId(test);
      return { path: `/v1/groups/${id}`, body: { parent_id: id } };
    },
    nesting_too_deep: async (test) => ({
      path: `/v1/groups/${await newGroupId(test)}`,
      body: { parent_id: await deepestGroupId(test) },
    }),
    group_name_taken: async (test) => ({
      path: `/v1/groups/${await newGroupId(test)}`,
      body: { name: (await giveGroup(test, newName('Taken'))).name },
    }),
    group_name_with_comma: newGroupAt('', { name: 'Guests,Pilots' }),
    too_many_former_names: oftenRenamed,
    unknown_role: newGroupAt('', { role_ids: [NOBODY] }),
  },
  'delete /v1/groups/{group_id}': {
    ...nobodyAt(),
    group_has_subgroups: async (test) => {
      const id = await newGroupId(test);
      await giveGroup(test, newName('Child'), [], [], { parent_id: id });
      return { path: `/v1/groups/${id}` };
    },
  },
  'get /v1/groups/{group_id}/applications': nobodyAt('/applications'),
  'get /v1/groups/{group_id}/former-names': nobodyAt('/former-names'),
  'delete /v1/groups/{group_id}/former-names/{former_name}': {
    ...nobodyAt('/former-names/Pilots'),
    former_name_not_found: newGroupAt('/former-names/Pilots'),
  },
  'get /v1/groups/{group_id}/owners': nobodyAt('/owners'),
  'put /v1/groups/{group_id}/owners/{user_id}': {
    ...nobodyAt(`/owners/${NOBODY}`),
    user_not_found: newGroupAt(`/owners/${NOBODY}`),
    too_many_owners: oneOwnerTooMany,
  },
  'delete /v1/groups/{group_id}/owners/{user_id}': {
    ...nobodyAt(`/owners/${NOBODY}`),
    user_not_found: newGroupAt(`/owners/${NOBODY}`),
    not_an_owner: async (test) => {
      const { id } = await giveUser(test, newEmail());
      return { path: `/v1/groups/${await newGroupId(test)}/owners/${id}` };
    },
  },
  'post /v1/groups/{group_id}/members': nobodyAt('/members'),
  'get /v1/groups/{group_id}/members': {
    ...nobodyAt('/members'),
    unsupported_search: at(`/v1/groups/${NOBODY}/members?q=ada&sort=name`),
  },
  'get /v1/groups/{group_id}/members/{user_id}': {
    ...nobodyAt(`/members/${NOBODY}`),
    not_a_member: newGroupAt(`/members/${NOBODY}`),
  },
  'patch /v1/groups/{group_id}/members/{user_id}': {
    group_not_found: async () => ({ path: `/v1/groups/${NOBODY}/members/${NOBODY}`, body: { until: null } }),
    not_a_member: newGroupAt(`/members/${NOBODY}`, { until: null }),
  },
  'delete /v1/groups/{group_id}/members': nobodyAt('/members'),
  'delete /v1/groups/{group_id}/members/{user_id}': {
    ...nobodyAt(`/members/${NOBODY}`),
    not_a_member: newGroupAt(`/members/${NOBODY}`),
  },
};

const newRole = (test: TestApp) => giveRole(test, newName('role'));

export const roles: Provocations = {
  'post /v1/roles': {
    role_name_taken: async (test) => ({ body: { name: (await newRole(test)).name.toUpperCase() } }),
  },
  'get /v1/roles/{role_id}': { role_not_found: at(`/v1/roles/${NOBODY}`) },
  'patch /v1/roles/{role_id}': {
    role_not_found: at(`/v1/roles/${NOBODY}`),
    role_name_taken: async (test) => ({
      path: `/v1/roles/${(await newRole(test)).id}`,
      body: { name: (await newRole(test)).name },
    }),
  },
  'delete /v1/roles/{role_id}': { role_not_found: at(`/v1/roles/${NOBODY}`) },
};
