import { z } from 'zod';
import { addedOwner, onGroup, onMember } from '../authorization.ts';
import { idShape } from '../../platform/ids.ts';
import { GroupNotFound } from '../groups/group.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { presentUser, userReply, UserNotFound } from '../users/user.ts';
import { MOST_OWNERS, NotAnOwner, TooManyOwners } from './membership.ts';
import type { Memberships } from './memberships.ts';

const groupParams = z.strictObject({ group_id: idShape });
const params = groupParams.extend({ user_id: idShape });
const tag = 'Members';
const path = '/v1/groups/{group_id}/owners';

export const listOwners = endpoint({
  method: 'get',
  path,
  summary: 'List the owners of a group',
  description: `Group owners can manage the group’s members in My Account. A group has at most ${MOST_OWNERS} owners.`,
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params: groupParams,
  status: 200,
  reply: resultOf(z.array(userReply)),
  errors: [GroupNotFound],
});

export const addOwner = endpoint({
  method: 'put',
  path: `${path}/{user_id}`,
  summary: 'Add an owner to a group',
  tag,
  scope: 'groups:write',
  authorize: addedOwner,
  params,
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, UserNotFound, TooManyOwners],
});

export const removeOwner = endpoint({
  method: 'delete',
  path: `${path}/{user_id}`,
  summary: 'Remove an owner from a group',
  tag,
  scope: 'groups:write',
  authorize: onMember,
  params,
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, UserNotFound, NotAnOwner],
});

export function ownerEndpoints({ memberships }: { memberships: Memberships }): Endpoint[] {
  return [
    listOwners.handledBy(async ({ params: { group_id: id } }) => ({
      result: (await memberships.ownersOf(id)).map(presentUser),
    })),
    addOwner.handledBy(({ params: { group_id: groupId, user_id: userId }, actor }) =>
      memberships.addOwner(actor, groupId, userId),
    ),
    removeOwner.handledBy(({ params: { group_id: groupId, user_id: userId }, actor }) =>
      memberships.removeOwner(actor, groupId, userId),
    ),
  ];
}
