import { z } from 'zod';
import { onUser } from '../../directory/authorization.ts';
import { idShape } from '../../platform/ids.ts';
import {
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';
import { KINDS, factorIdShape, FactorNotFound, factorReply, presentFactors, type PresentedFactor } from './factor.ts';
import type { Factors } from './factors.ts';

const user = z.strictObject({ user_id: idShape });
const one = user.extend({ factor_id: factorIdShape });
const tag = 'Users';

export const listFactors = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/factors',
  summary: 'List the factors of a user',
  description: 'The MFA factors that the user has enrolled: TOTP, passkeys, recovery codes.',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params: user,
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(factorReply),
  errors: [UserNotFound, BadCursor],
});

export const getFactor = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/factors/{factor_id}',
  summary: 'Get a factor of a user',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params: one,
  status: 200,
  reply: resultOf(factorReply),
  errors: [UserNotFound, FactorNotFound],
});

export const removeFactor = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/factors/{factor_id}',
  summary: 'Remove a factor of a user',
  description: 'For a lost device. The user is notified by email, and their sessions and tokens end.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params: one,
  status: 204,
  reply: noContent,
  errors: [UserNotFound, FactorNotFound],
});

export const removeFactors = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/factors',
  summary: 'Remove all factors of a user',
  description:
    'For users who have lost all of their factors. They can then sign in with their password, and enroll again if MFA is required. The user is notified by email, and their sessions and tokens end.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params: user,
  status: 204,
  reply: noContent,
  errors: [UserNotFound],
});

/** The authenticator app, the passkeys in the order in which they were enrolled, the recovery codes. */
const keyOfFactor = ({ kind, created_at: at, factor_id: id }: PresentedFactor) =>
  `${KINDS.indexOf(kind)} ${String(at).padStart(12, '0')} ${id}`;

export interface FactorEndpointsOptions {
  factors: Factors;
  /** @throws UserNotFound */
  getUser(id: string): Promise<User>;
}

export function factorEndpoints({ factors, getUser }: FactorEndpointsOptions): Endpoint[] {
  async function list(userId: string): Promise<PresentedFactor[]> {
    const user = await getUser(userId);
    return presentFactors(await factors.find(user.id));
  }

  async function get(userId: string, factorId: string): Promise<PresentedFactor> {
    const found = (await list(userId)).find(({ factor_id: id }) => id === factorId);
    if (!found) throw FactorNotFound();
    return found;
  }

  return [
    listFactors.handledBy(
      async ({ params, query }) => {
        const page = pageOfItems(await list(params.user_id), toPageRequest('factors', query), keyOfFactor);
        return presentPage(page, (factor) => factor);
      },
      { state: async ({ params }) => JSON.stringify(await list(params.user_id)) },
    ),
    getFactor.handledBy(async ({ params }) => ({ result: await get(params.user_id, params.factor_id) })),
    removeFactor.handledBy(async ({ params, actor }) =>
      factors.takeAway(actor, await getUser(params.user_id), params.factor_id),
    ),
    removeFactors.handledBy(async ({ params, actor }) => factors.takeAway(actor, await getUser(params.user_id))),
  ];
}
