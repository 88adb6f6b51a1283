import { z } from 'zod';
import { onGroup } from '../authorization.ts';
import { formerNameReply, presentFormerName, type FormerName } from '../groups/former-names.ts';
import { FormerNameNotFound, GroupNotFound } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { impactOn, impactReply } from '../../platform/impact.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import type { FormerNameReaders } from './former-name-readers.ts';

const tag = 'Groups';
const params = z.strictObject({ group_id: idShape });

/** More applications are not named for one name. */
const MOST_NAMED = 100;

export const listFormerNames = endpoint({
  method: 'get',
  path: '/v1/groups/{group_id}/former-names',
  summary: 'List the former names of a group',
  description:
    'With the applications that depend on each: those whose claim policy includes former names (`renamed_groups`) and lets the group through, or with the format `path` one of its subgroups. The oldest name is first.',
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params,
  query: z.strictObject({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(
    formerNameReply
      .extend({
        applications: z
          .array(z.strictObject({ client_id: z.string(), name: z.string() }))
          .meta({ description: `At most ${MOST_NAMED}, sorted by name.` }),
        application_count: z.number().int(),
      })
      .meta({ id: 'FormerNameOfGroup' }),
  ),
  errors: [GroupNotFound, BadCursor],
});

export const removeFormerName = endpoint({
  method: 'delete',
  path: '/v1/groups/{group_id}/former-names/{former_name}',
  summary: 'Remove a former name of a group',
  description:
    'Applications no longer receive it, and other groups can have it. The name must be exactly as in the list, percent-encoded. With `dry_run=true`, the response has the applications that depend on it.',
  tag,
  scope: 'groups:write',
  authorize: onGroup,
  params: params.extend({ former_name: z.string().min(1).max(200) }),
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, FormerNameNotFound],
  dryRunReply: impactReply,
});

export interface FormerNameEndpointsOptions {
  groups: Pick<Groups, 'get' | 'removeFormerName'>;
  readers: FormerNameReaders;
}

export function formerNameEndpoints({ groups, readers }: FormerNameEndpointsOptions): Endpoint[] {
  return [
    listFormerNames.handledBy(async ({ params: { group_id: id }, query }) => {
      const request = toPageRequest('former-names', query);
      const group = await groups.get(id);
      const readersOf = await readers.readersOf(group);
      const page = pageOfItems(group.formerNames, request, keyOf);
      return presentPage(page, (former) => {
        const applications = readersOf(former);
        return {
          ...presentFormerName(former),
          applications: applications.slice(0, MOST_NAMED).map((each) => ({ client_id: each.id, name: each.name })),
          application_count: applications.length,
        };
      });
    }),
    removeFormerName.handledBy(
      ({ params: { group_id: id, former_name: name }, actor }) => groups.removeFormerName(actor, id, name),
      {
        async dryRun({ params: { group_id: id, former_name: name } }) {
          const group = await groups.get(id);
          const former = group.formerNames.find((each) => each.name === name);
          if (!former) throw FormerNameNotFound();
          const applications = (await readers.readersOf(group))(former);
          return { result: { impact: [impactOn('applications', applications)] } };
        },
      },
    ),
  ];
}

const keyOf = ({ name, renamedAt }: FormerName): string => timeKey(renamedAt, name);
