import { z } from 'zod';
import { visibleOnly } from '../../platform/http/authorization.ts';
import { changedGroup, deletedGroup, newGroup, onGroup } from '../authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { impactReply, type ImpactOf } from '../../platform/impact.ts';
import { dryRunOf } from '../../platform/http/dry-run.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { BadCursor, toPageRequest, type Count } from '../../platform/paging.ts';
import {
  countQuery,
  countReply,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  yesOrNo,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import {
  groupChangeShape,
  GroupHasSubgroups,
  GroupCycle,
  GroupNameWithComma,
  NestingTooDeep,
  GroupNameTaken,
  GroupNotFound,
  groupReply,
  newGroupShape,
  presentGroup,
  TooManyFormerNames,
  UnknownGroup,
  UnknownMember,
  UnknownRole,
  type Group,
} from './group.ts';
import { groupSearchShape, listOfGroups, toGroupCriteria } from './group-search.ts';
import type { Groups } from './groups.ts';

const params = z.strictObject({ group_id: idShape });
const tag = 'Groups';

export const createGroup = endpoint({
  method: 'post',
  path: '/v1/groups',
  summary: 'Create a group',
  description: 'With `member_ids`, the group is created together with its members.',
  tag,
  scope: 'groups:write',
  authorize: newGroup,
  body: newGroupShape,
  status: 201,
  reply: resultOf(groupReply),
  location: ({ result }) => `/v1/groups/${result.group_id}`,
  errors: [GroupNameTaken, GroupNameWithComma, UnknownRole, UnknownGroup, NestingTooDeep, UnknownMember],
});

/** In a list. */
export const listedGroupReply = groupReply
  .extend({
    member_count: countReply
      .optional()
      .meta({ description: 'Number of direct members, if requested with `member_counts=true`.' }),
  })
  .meta({ id: 'ListedGroup' });

const memberCountsQuery = {
  member_counts: yesOrNo.meta({
    description: 'Whether to include how many direct members each group has: `exact` up to 10,000, else `at_least`.',
  }),
};

export const listGroups = endpoint({
  method: 'get',
  path: '/v1/groups',
  summary: 'List and search groups',
  description:
    'Results match all given criteria. `custom_data.<path>` matches a value in the custom data. Keep paging until `next` is null; a page may be short or empty.',
  tag,
  scope: 'groups:read',
  authorize: visibleOnly,
  query: groupSearchShape({ ...pageQuery, ...countQuery, ...memberCountsQuery }),
  status: 200,
  reply: pageOf(listedGroupReply),
  errors: [BadCursor, UnsupportedSearch],
});

export const getGroup = endpoint({
  method: 'get',
  path: '/v1/groups/{group_id}',
  summary: 'Get a group',
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params,
  status: 200,
  reply: resultOf(groupReply),
  errors: [GroupNotFound],
});

export const updateGroup = endpoint({
  method: 'patch',
  path: '/v1/groups/{group_id}',
  summary: 'Update a group',
  description:
    'Changes only the given fields. `custom_data` and `role_ids` are replaced as a whole. As `application/merge-patch+json` (RFC 7396), `custom_data` is merged, and null removes a key. Another `name` makes the present one a former name, which no other group can have until it is removed; claim policies decide whether applications still receive it (`renamed_groups`).',
  tag,
  scope: 'groups:write',
  authorize: changedGroup,
  params,
  body: groupChangeShape,
  status: 200,
  reply: resultOf(groupReply),
  errors: [
    GroupNotFound,
    GroupNameTaken,
    GroupNameWithComma,
    TooManyFormerNames,
    UnknownRole,
    UnknownGroup,
    GroupCycle,
    NestingTooDeep,
  ],
  dryRunReply: impactReply,
});

export const deleteGroup = endpoint({
  method: 'delete',
  path: '/v1/groups/{group_id}',
  summary: 'Delete a group',
  description:
    'The group disappears from all claims immediately. Its members are not deleted. A group with subgroups cannot be deleted.',
  tag,
  scope: 'groups:write',
  authorize: deletedGroup,
  params,
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, GroupHasSubgroups],
  dryRunReply: impactReply,
});

export interface GroupEndpointsOptions {
  groups: Groups;
  impactOf: ImpactOf;
  /** The groups of the admin scope, including subgroups. */
  scopeGroups(actor: Actor, inGroup?: Id): Promise<Id[] | undefined>;
  countMembers(groupIds: Id[]): Promise<Map<Id, Count>>;
}

export function groupEndpoints({ groups, impactOf, scopeGroups, countMembers }: GroupEndpointsOptions): Endpoint[] {
  const dryRun = dryRunOf<z.output<typeof params>>({
    kind: 'group',
    idOf: ({ group_id: id }) => id,
    get: groups.get,
    impactOf,
  });

  return [
    createGroup.handledBy(async ({ body, actor }) => ({ result: presentGroup(await groups.create(actor, body)) })),
    listGroups.handledBy(async ({ query, actor }) => {
      const criteria = { ...toGroupCriteria(query), scopeGroups: await scopeGroups(actor, query.parent_id) };
      const page = await groups.search(criteria, toPageRequest(listOfGroups(criteria), query));
      const counts = query.member_counts ? await countMembers(page.items.map(({ id }) => id)) : undefined;
      return presentPage(page, (group) => presentListedGroup(group, counts?.get(group.id)));
    }),
    getGroup.handledBy(async ({ params: { group_id: id } }) => ({ result: presentGroup(await groups.get(id)) }), {
      restsOn: ({ params: { group_id: id } }) => groups.cached([id]),
    }),
    updateGroup.handledBy(
      async ({ params: { group_id: id }, body, actor }) => ({
        result: presentGroup(await groups.update(actor, id, body)),
      }),
      { dryRun: dryRun },
    ),
    deleteGroup.handledBy(({ params: { group_id: id }, actor }) => groups.remove(actor, id), { dryRun: dryRun }),
  ];
}

const presentListedGroup = (group: Group, members: Count | undefined): z.input<typeof listedGroupReply> => ({
  ...presentGroup(group),
  ...(members ? { member_count: members } : {}),
});
