import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { endpoint, noContent, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import { onUser } from '../../directory/authorization.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';
import type { Residue, ResidualAccess } from './residual-access.ts';

const common = {
  path: '/v1/users/{user_id}/residual-access',
  tag: 'Users',
  params: z.strictObject({ user_id: idShape }),
} as const;

const residueReply = z
  .strictObject({
    client_id: z.string(),
    application_name: z.string(),
    group_id: idShape,
    group_name: z.string(),
    tokens: z
      .array(z.enum(['id_token', 'access_token']))
      .meta({ description: 'Kinds of tokens that may report the group.' }),
    left_at: z.number().int().meta({ description: 'When the user left the group.' }),
    until: z.number().int().meta({ description: 'When the last of these tokens has expired.' }),
  })
  .meta({ id: 'ResidualAccess' });

export const listResidualAccess = endpoint({
  ...common,
  method: 'get',
  summary: 'List groups that valid tokens may still report',
  description:
    'Groups that the user has left, in ID tokens and JWT access tokens that were issued before. Userinfo, introspection and refreshed tokens never report them.',
  scope: 'users:read',
  authorize: onUser('read'),
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(residueReply),
  errors: [UserNotFound, BadCursor],
});

export const endResidualAccess = endpoint({
  ...common,
  method: 'delete',
  summary: 'End residual access',
  description:
    'Ends what the user has granted to these applications, with all tokens, and sends back-channel logout. An API that verifies JWT access tokens without introspection accepts them until they expire.',
  scope: 'users:write',
  authorize: onUser('change'),
  status: 204,
  reply: noContent,
  errors: [UserNotFound],
});

export interface ResidualAccessEndpointsOptions {
  residualAccess: ResidualAccess;
  /** @throws UserNotFound */
  getUser(id: string): Promise<User>;
}

export function residualAccessEndpoints({ residualAccess, getUser }: ResidualAccessEndpointsOptions): Endpoint[] {
  return [
    listResidualAccess.handledBy(async ({ params: { user_id: id }, query, actor }) => {
      const request = toPageRequest('residual-access', query);
      const residues = await residualAccess.of(await getUser(id), actor);
      return presentPage(pageOfItems(residues, request, keyOf), present);
    }),
    endResidualAccess.handledBy(async ({ params: { user_id: id }, actor }) =>
      residualAccess.end(await getUser(id), actor),
    ),
  ];
}

const keyOf = ({ application, group }: Residue) =>
  wordKey([application.name, group.name], `${application.id} ${group.id}`);

const present = ({ application, group, tokens, leftAt, until }: Residue): z.input<typeof residueReply> => ({
  client_id: application.id,
  application_name: application.name,
  group_id: group.id,
  group_name: group.name,
  tokens,
  left_at: unixSeconds(leftAt),
  until: Math.ceil(until.getTime() / 1000),
});
