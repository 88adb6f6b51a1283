import { z } from 'zod';
import { anywhere } from '../../platform/http/authorization.ts';
import { changedApplication, onApplication, newApplication } from '../authorization.ts';
import { impactReply, type ImpactOf } from '../../platform/impact.ts';
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
import { previousValid } from '../../platform/http/secret-rotation.ts';
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

export const createApplication = endpoint({
  method: 'post',
  path: '/v1/applications',
  summary: 'Create an application',
  description: 'The response contains the client secret, which is not shown again.',
  tag,
  scope: 'applications:write',
  authorize: newApplication,
  body: newApplicationShape,
  status: 201,
  reply: resultOf(applicationWithSecretReply),
  location: ({ result }) => `/v1/applications/${result.client_id}`,
  errors: [ClientIdTaken, UnknownScope, InvalidApplication],
  dryRunReply: resultOf(z.strictObject({ name: z.string(), type: z.enum(APPLICATION_TYPES) })),
});

export const listApplications = endpoint({
  method: 'get',
  path: '/v1/applications',
  summary: 'List and search applications',
  description: 'Results match all given criteria.',
  tag,
  scope: 'applications:read',
  authorize: anywhere,
  query: z.strictObject({ ...applicationSearchFields, ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(applicationReply),
  errors: [BadCursor, UnsupportedSearch],
});

export const getApplication = endpoint({
  method: 'get',
  path: '/v1/applications/{client_id}',
  summary: 'Get an application',
  tag,
  scope: 'applications:read',
  authorize: anywhere,
  params,
  status: 200,
  reply: resultOf(applicationReply),
  errors: [ApplicationNotFound],
});

export const updateApplication = endpoint({
  method: 'patch',
  path: '/v1/applications/{client_id}',
  summary: 'Update an application',
  tag,
  scope: 'applications:write',
  authorize: changedApplication,
  params,
  body: applicationChangeShape,
  status: 200,
  reply: resultOf(applicationReply),
  errors: [ApplicationNotFound, UnknownScope, InvalidApplication],
});

export const rotateSecret = endpoint({
  method: 'post',
  path: '/v1/applications/{client_id}/secret',
  summary: 'Rotate the secret of an application',
  description:
    'The response contains the new secret, which is not shown again. The old one stops working immediately, or is accepted for `previous_valid_seconds` more.',
  tag,
  scope: 'applications:write',
  authorize: onApplication,
  params,
  query: z.strictObject(
    previousValid({ byDefault: 0, description: 'Seconds for which the old secret is accepted, too.' }),
  ),
  status: 200,
  reply: resultOf(applicationWithSecretReply),
  errors: [ApplicationNotFound, NoSecret],
});

export const deleteApplication = endpoint({
  method: 'delete',
  path: '/v1/applications/{client_id}',
  summary: 'Delete an application',
  description: 'Its grants and tokens are deleted too.',
  tag,
  scope: 'applications:write',
  authorize: onApplication,
  params,
  status: 204,
  reply: noContent,
  errors: [ApplicationNotFound],
  dryRunReply: impactReply,
});

export interface ApplicationEndpointsOptions {
  applications: Applications;
  impactOf: ImpactOf;
}

export function applicationEndpoints({ applications, impactOf }: ApplicationEndpointsOptions): Endpoint[] {
  return [
    createApplication.handledBy(
      async ({ body, actor }) => ({ result: presentWithSecret(await applications.create(actor, body)) }),
      {
        dryRun: async ({ body }) => {
          await applications.check(body);
          return { result: { name: body.name, type: body.type } };
        },
      },
    ),
    listApplications.handledBy(async ({ query }) => {
      const criteria = toApplicationCriteria(query);
      const request = toPageRequest(listOfApplications(criteria), query);
      return presentPage(await applications.search(criteria, request), presentApplication);
    }),
    getApplication.handledBy(
      async ({ params: { client_id: id } }) => ({ result: presentApplication(await applications.get(id)) }),
      { restsOn: ({ params: { client_id: id } }) => applications.cached([id]) },
    ),
    updateApplication.handledBy(async ({ params: { client_id: id }, body, actor }) => {
      return { result: presentApplication(await applications.update(actor, id, body)) };
    }),
    rotateSecret.handledBy(async ({ params: { client_id: id }, query, actor }) => {
      const rotated = await applications.rotateSecret(actor, id, query.previous_valid_seconds);
      return { result: presentWithSecret(rotated) };
    }),
    deleteApplication.handledBy(({ params: { client_id: id }, actor }) => applications.remove(actor, id), {
      dryRun: dryRunOf<z.output<typeof params>>({
        kind: 'application',
        idOf: ({ client_id: id }) => id,
        get: applications.get,
        impactOf,
      }),
    }),
  ];
}

function presentWithSecret({ application, secret }: WithSecret) {
  return { ...presentApplication(application), client_secret: secret };
}
