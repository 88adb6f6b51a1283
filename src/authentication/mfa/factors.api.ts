import { z } from 'zod';
import { idShape } from '../../platform/ids.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound, type Person } from '../../directory/users/user.ts';
import { factorIdShape, FactorNotFound, factorReply, presentFactors, type PresentedFactor } from './factor.ts';
import type { Factors } from './factors.ts';

const user = z.strictObject({ user_id: idShape });
const one = user.extend({ factor_id: factorIdShape });
const tag = 'Users';

export interface FactorEndpointsOptions {
  factors: Factors;
  /** @throws UserNotFound */
  getPerson(id: string): Promise<Person>;
}

export function factorEndpoints({ factors, getPerson }: FactorEndpointsOptions): Endpoint[] {
  async function list(userId: string): Promise<PresentedFactor[]> {
    const person = await getPerson(userId);
    return presentFactors(await factors.find(person.id));
  }

  async function get(userId: string, factorId: string): Promise<PresentedFactor> {
    const found = (await list(userId)).find(({ factor_id: id }) => id === factorId);
    if (!found) throw FactorNotFound();
    return found;
  }

  return [
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/factors',
      summary: 'List the factors of a user',
      description:
        'What they prove themselves with besides their password: an authenticator app, passkeys, recovery codes.',
      tag,
      scope: 'users:read',
      params: user,
      status: 200,
      reply: resultOf(z.array(factorReply)),
      errors: [UserNotFound],
      handle: async ({ params }) => ({ result: await list(params.user_id) }),
    }),
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/factors/{factor_id}',
      summary: 'Get a factor of a user',
      tag,
      scope: 'users:read',
      params: one,
      status: 200,
      reply: resultOf(factorReply),
      errors: [UserNotFound, FactorNotFound],
      handle: async ({ params }) => ({ result: await get(params.user_id, params.factor_id) }),
    }),
    endpoint({
      method: 'delete',
      path: '/v1/users/{user_id}/factors/{factor_id}',
      summary: 'Take a factor from a user',
      description: 'For a device that is lost. The user gets a letter, and their sessions and tokens end.',
      tag,
      scope: 'users:write',
      params: one,
      status: 204,
      reply: noContent,
      errors: [UserNotFound, FactorNotFound],
      handle: async ({ params, actor }) => factors.takeAway(actor, await getPerson(params.user_id), params.factor_id),
    }),
    endpoint({
      method: 'delete',
      path: '/v1/users/{user_id}/factors',
      summary: 'Take all factors from a user',
      description:
        'For somebody who has lost them all. They sign in with their password alone then, or set up new ones where they must. The user gets a letter, and their sessions and tokens end.',
      tag,
      scope: 'users:write',
      params: user,
      status: 204,
      reply: noContent,
      errors: [UserNotFound],
      handle: async ({ params, actor }) => factors.takeAway(actor, await getPerson(params.user_id)),
    }),
  ];
}
