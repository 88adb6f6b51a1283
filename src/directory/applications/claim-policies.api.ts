import { z } from 'zod';
import { requireScopes, type Actor } from '../../platform/actor.ts';
import { idShape } from '../../platform/ids.ts';
import { UnknownGroup } from '../groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound, type Person } from '../users/user.ts';
import {
  ApplicationNotFound,
  claimsReply,
  clientIdShape,
  InvalidApplication,
  SignsNobodyIn,
  type Application,
  type ClaimsPreview,
} from './application.ts';
import type { ClaimPolicies } from './claim-policies.ts';
import { claimPolicyReply, claimPolicyShape, presentClaimPolicy, toClaimPolicy } from './claim-policy.ts';

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';
const path = '/v1/applications/{client_id}/claim-policy';

export interface ClaimPolicyEndpointsOptions {
  claimPolicies: ClaimPolicies;
  /** @throws UserNotFound */
  getPerson(id: string): Promise<Person>;
  /** The claims that an application would receive about a user. */
  previewClaims(actor: Actor, person: Person, application: Application): Promise<ClaimsPreview>;
}

export function claimPolicyEndpoints(options: ClaimPolicyEndpointsOptions): Endpoint[] {
  const { claimPolicies, getPerson, previewClaims } = options;
  return [
    endpoint({
      method: 'get',
      path,
      summary: 'Get the claim policy of an application',
      description: 'Which groups this application receives, and in which form.',
      tag,
      scope: 'applications:read',
      params,
      status: 200,
      reply: resultOf(claimPolicyReply),
      errors: [ApplicationNotFound, SignsNobodyIn],
      handle: async ({ params: { client_id: id } }) => ({ result: presentClaimPolicy(await claimPolicies.get(id)) }),
    }),
    endpoint({
      method: 'put',
      path,
      summary: 'Set the claim policy of an application',
      description:
        'Omitted fields are reset to their defaults. Applies to tokens issued from now on, including on refresh.',
      tag,
      scope: 'applications:write',
      params,
      body: claimPolicyShape,
      status: 200,
      reply: resultOf(claimPolicyReply),
      errors: [ApplicationNotFound, SignsNobodyIn, InvalidApplication, UnknownGroup],
      async handle({ params: { client_id: id }, body, actor }) {
        return { result: presentClaimPolicy(await claimPolicies.set(actor, id, toClaimPolicy(body))) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/applications/{client_id}/claims/{user_id}',
      summary: 'Preview the claims that an application receives about a user',
      description:
        'Computed as for a token that is issued now with all user scopes. Also requires the scope `users:read`. Administrators with an admin scope see only what results from groups within it.',
      tag,
      scope: 'applications:read',
      params: params.extend({ user_id: idShape }),
      status: 200,
      reply: resultOf(claimsReply),
      errors: [ApplicationNotFound, UserNotFound, SignsNobodyIn],
      async handle({ params: { client_id: id, user_id: userId }, actor }) {
        requireScopes(actor, ['users:read']);
        const application = await claimPolicies.getApplication(id);
        return { result: await previewClaims(actor, await getPerson(userId), application) };
      },
    }),
  ];
}
