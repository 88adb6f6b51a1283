import { z } from 'zod';
import { requireScopes } from '../../platform/actor.ts';
import { anywhere, unlimited } from '../../platform/http/authorization.ts';
import {
  countQuery,
  endpoint,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { EXAMPLES, impactReply } from '../../platform/impact.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import { accessRuleReply, accessRuleShape, presentAccessRule, toAccessRule } from '../applications/access-rule.ts';
import type { AccessRules } from '../applications/access-rules.ts';
import { ApplicationNotFound, clientIdShape, NotASignInClient } from '../applications/application.ts';
import { claimsOfUser, onApplication } from '../authorization.ts';
import { UnknownGroup } from '../groups/group.ts';
import { presentUser, UserNotFound, userReply, type User } from '../users/user.ts';
import { ACCESS_REASONS, type AccessOfUser, type ApplicationAccess } from './application-access.ts';

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';
const path = '/v1/applications/{client_id}/access';
const common = { tag, params };
const errors = [ApplicationNotFound, NotASignInClient];

export const getAccessRule = endpoint({
  ...common,
  method: 'get',
  path,
  summary: 'Get who may sign in to an application',
  scope: 'applications:read',
  authorize: anywhere,
  status: 200,
  reply: resultOf(accessRuleReply),
  errors,
});

export const setAccessRule = endpoint({
  ...common,
  method: 'put',
  path,
  summary: 'Set who may sign in to an application',
  description:
    'Checked at sign-in, for tokens, on refresh, in the device flow and at userinfo. A dry run says how many users would lose access.',
  scope: 'applications:write',
  authorize: onApplication,
  body: accessRuleShape,
  status: 200,
  reply: resultOf(accessRuleReply),
  errors: [...errors, UnknownGroup],
  dryRunReply: impactReply,
});

const accessReply = z
  .strictObject({
    has_access: z.boolean(),
    reason: z.enum(ACCESS_REASONS),
    groups: z
      .array(z.strictObject({ group_id: idShape, name: z.string() }))
      .meta({ description: 'The groups that give access, also through a subgroup.' }),
  })
  .meta({ id: 'UserAccess' });

export const listUsersWithAccess = endpoint({
  ...common,
  method: 'get',
  path: `${path}/users`,
  summary: 'List the users who may sign in to an application, or those who may not',
  description:
    'Sorted by email, with the reason for each user. Disabled users may not sign in anywhere. Also requires the scope `users:read`.',
  scope: 'applications:read',
  authorize: unlimited,
  query: z.strictObject({
    ...pageQuery,
    ...countQuery,
    has_access: z
      .enum(['true', 'false'])
      .default('true')
      .meta({ description: '`false` for users who may not sign in, instead of those who may.' }),
  }),
  status: 200,
  reply: pageOf(userReply.extend({ access: accessReply }).meta({ id: 'UserWithAccess' })),
  errors: [...errors, BadCursor],
});

export const getAccessOfUser = endpoint({
  ...common,
  method: 'get',
  path: `${path}/users/{user_id}`,
  summary: 'Get whether a user may sign in to an application, and why',
  description: 'Also requires the scope `users:read`.',
  scope: 'applications:read',
  authorize: claimsOfUser,
  params: params.extend({ user_id: idShape }),
  status: 200,
  reply: resultOf(accessReply),
  errors: [...errors, UserNotFound],
});

export interface AccessEndpointsOptions {
  rules: AccessRules;
  access: ApplicationAccess;
  /** @throws UserNotFound */
  getUser(id: string): Promise<User>;
}

export function accessEndpoints({ rules, access, getUser }: AccessEndpointsOptions): Endpoint[] {
  return [
    getAccessRule.handledBy(async ({ params: { client_id: id } }) => ({
      result: presentAccessRule(await rules.get(id)),
    })),
    setAccessRule.handledBy(
      async ({ params: { client_id: id }, body, actor }) => ({
        result: presentAccessRule(await rules.set(actor, id, toAccessRule(body))),
      }),
      {
        async dryRun({ params: { client_id: id }, body }) {
          const after = toAccessRule(body);
          await rules.check(after);
          const { count, users } = await access.usersLosing(await rules.get(id), after, EXAMPLES);
          const examples = users.map((user) => ({ id: user.id, name: user.username }));
          return { result: { impact: [{ kind: 'users' as const, count, examples }] } };
        },
      },
    ),
    listUsersWithAccess.handledBy(async ({ params: { client_id: id }, query, actor }) => {
      requireScopes(actor, ['users:read']);
      const isWith = query.has_access === 'true';
      const request = toPageRequest(isWith ? 'users-with-access' : 'users-without-access', query);
      const rule = await rules.get(id);
      const page = await (isWith ? access.usersWith(rule, request) : access.usersWithout(rule, request));
      const accessOf = await access.ofUsers(page.items, rule);
      return presentPage(page, (user) => ({ ...presentUser(user), access: present(accessOf.get(user.id)!) }));
    }),
    getAccessOfUser.handledBy(async ({ params: { client_id: id, user_id: userId } }) => {
      const rule = await rules.get(id);
      const user = await getUser(userId);
      return { result: present((await access.ofUsers([user], rule)).get(user.id)!) };
    }),
  ];
}

const present = ({ hasAccess, reason, groups }: AccessOfUser): z.input<typeof accessReply> => ({
  has_access: hasAccess,
  reason,
  groups: groups.map((group) => ({ group_id: group.id, name: group.name })),
});
