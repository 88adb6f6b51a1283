import { z } from 'zod';
import type { ImpactOf } from '../../platform/impact.ts';
import { dryRunOf } from '../../platform/http/dry-run.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import {
  APPLICATION_TYPES,
  applicationChangeShape,
  ApplicationNotFound,
  applicationReply,
  applicationWithSecretReply,
  clientIdShape,
  ClientIdTaken,
  InvalidApplication,
  newApplicationShape,
  NoSecret,
  presentApplication,
  UnknownScope,
} from './application.ts';
import { applicationSearchFields, listOfApplications, toApplicationCriteria } from './application-search.ts';
import type { Applications, WithSecret } from './applications.ts';

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';

export interface ApplicationEndpointsOptions {
  applications: Applications;
  impactOf: ImpactOf;
}

export function applicationEndpoints({ applications, impactOf }: ApplicationEndpointsOptions): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/v1/applications',
      summary: 'Create an application',
      description: 'The response contains the client secret, which is not shown again.',
      tag,
      scope: 'applications:write',
      body: newApplicationShape,
      status: 201,
      reply: resultOf(applicationWithSecretReply),
      location: ({ result }) => `/v1/applications/${result.client_id}`,
      errors: [ClientIdTaken, UnknownScope, InvalidApplication],
      dryRun: {
        reply: resultOf(z.strictObject({ name: z.string(), type: z.enum(APPLICATION_TYPES) })),
        async handle({ body }) {
          await applications.check(body);
          return { result: { name: body.name, type: body.type } };
        },
      },
      handle: async ({ body, actor }) => ({ result: presentWithSecret(await applications.create(actor, body)) }),
    }),
    endpoint({
      method: 'get',
      path: '/v1/applications',
      summary: 'List and search applications',
      description: 'Results match all given criteria.',
      tag,
      scope: 'applications:read',
      query: z.strictObject({ ...applicationSearchFields, ...pageQuery, ...countQuery }),
      status: 200,
      reply: pageOf(applicationReply),
      errors: [BadCursor, UnsupportedSearch],
      async handle({ query }) {
        const criteria = toApplicationCriteria(query);
        const request = toPageRequest(listOfApplications(criteria), query);
        return presentPage(await applications.search(criteria, request), presentApplication);
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/applications/{client_id}',
      summary: 'Get an application',
      tag,
      scope: 'applications:read',
      params,
      status: 200,
      reply: resultOf(applicationReply),
      errors: [ApplicationNotFound],
      handle: async ({ params: { client_id: id } }) => ({ result: presentApplication(await applications.get(id)) }),
    }),
    endpoint({
      method: 'patch',
      path: '/v1/applications/{client_id}',
      summary: 'Update an application',
      tag,
      scope: 'applications:write',
      params,
      body: applicationChangeShape,
      status: 200,
      reply: resultOf(applicationReply),
      errors: [ApplicationNotFound, UnknownScope, InvalidApplication],
      async handle({ params: { client_id: id }, body, actor }) {
        return { result: presentApplication(await applications.update(actor, id, body)) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/v1/applications/{client_id}/secret',
      summary: 'Rotate the secret of an application',
      description:
        'The old secret stops working immediately. The response contains the new one, which is not shown again.',
      tag,
      scope: 'applications:write',
      params,
      status: 200,
      reply: resultOf(applicationWithSecretReply),
      errors: [ApplicationNotFound, NoSecret],
      async handle({ params: { client_id: id }, actor }) {
        return { result: presentWithSecret(await applications.rotateSecret(actor, id)) };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/v1/applications/{client_id}',
      summary: 'Delete an application',
      description: 'Its grants and tokens are deleted too.',
      tag,
      scope: 'applications:write',
      params,
      status: 204,
      reply: noContent,
      errors: [ApplicationNotFound],
      dryRun: dryRunOf<z.output<typeof params>>({
        kind: 'application',
        idOf: ({ client_id: id }) => id,
        get: applications.get,
        impactOf,
      }),
      handle: ({ params: { client_id: id }, actor }) => applications.remove(actor, id),
    }),
  ];
}

function presentWithSecret({ application, secret }: WithSecret) {
  return { ...presentApplication(application), client_secret: secret };
}
