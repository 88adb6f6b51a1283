import { z } from 'zod';
import { anywhere } from '../../platform/http/authorization.ts';
import { onApplication } from '../authorization.ts';
import { UnknownGroup } from '../groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { ApplicationNotFound, clientIdShape, InvalidApplication, NotASignInClient } from './application.ts';
import type { ClaimPolicies } from './claim-policies.ts';
import { claimPolicyReply, claimPolicyShape, presentClaimPolicy, toClaimPolicy } from './claim-policy.ts';

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';
const path = '/v1/applications/{client_id}/claim-policy';

export const getClaimPolicy = endpoint({
  method: 'get',
  path,
  summary: 'Get the claim policy of an application',
  description: 'Which groups this application receives, and in which form.',
  tag,
  scope: 'applications:read',
  authorize: anywhere,
  params,
  status: 200,
  reply: resultOf(claimPolicyReply),
  errors: [ApplicationNotFound, NotASignInClient],
});

export const setClaimPolicy = endpoint({
  method: 'put',
  path,
  summary: 'Set the claim policy of an application',
  description:
    'Omitted fields are reset to their defaults. Applies to tokens issued from now on, including on refresh.',
  tag,
  scope: 'applications:write',
  authorize: onApplication,
  params,
  body: claimPolicyShape,
  status: 200,
  reply: resultOf(claimPolicyReply),
  errors: [ApplicationNotFound, NotASignInClient, InvalidApplication, UnknownGroup],
});

export function claimPolicyEndpoints({ claimPolicies }: { claimPolicies: ClaimPolicies }): Endpoint[] {
  return [
    getClaimPolicy.handledBy(async ({ params: { client_id: id } }) => ({
      result: presentClaimPolicy(await claimPolicies.get(id)),
    })),
    setClaimPolicy.handledBy(async ({ params: { client_id: id }, body, actor }) => {
      return { result: presentClaimPolicy(await claimPolicies.set(actor, id, toClaimPolicy(body))) };
    }),
  ];
}
