import { z } from 'zod';
import { requireScopes } from '../base/actor.ts';
import { idShape } from '../base/ids.ts';
import type { FindTouches } from '../base/touch.ts';
import { dryRunOf } from '../http/dry-run.ts';
import { UnservableSearch } from '../base/criteria.ts';
import { BadCursor, toPageRequest } from '../base/paging.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../http/endpoint.ts';
import {
  APPLICATION_TYPES,
  applicationChangeShape,
  ApplicationNotFound,
  applicationReply,
  applicationWithSecretReply,
  claimsReply,
  clientIdShape,
  ClientIdTaken,
  InvalidApplication,
  newApplicationShape,
  NoSecret,
  presentApplication,
  SignsNobodyIn,
  UnknownScope,
  type Application,
  type ClaimsPreview,
} from './application.ts';
import { applicationSearchFields, listOfApplications, toApplicationCriteria } from './application-search.ts';
import { UserNotFound, type Person } from '../users/user.ts';
import type { Applications, WithSecret } from './applications.ts';

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';

export interface ApplicationEndpointsOptions {
  applications: Applications;
  findTouches: FindTouches;
  /** @throws UserNotFound */
  getPerson(id: string): Promise<Person>;
  /** What an application reads about somebody; the rooms that say it are asked when it is wanted. */
  previewClaims(person: Person, application: Application): Promise<ClaimsPreview>;
}

export function applicationEndpoints(options: ApplicationEndpointsOptions): Endpoint[] {
  const { applications, findTouches, getPerson, previewClaims } = options;
  return [
    endpoint({
      method: 'post',
      path: '/v1/applications',
      summary: 'Create an application',
      description: 'The reply carries the client secret, this once.',
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
      description: 'Every criterion given must hold.',
      tag,
      scope: 'applications:read',
      query: z.strictObject({ ...applicationSearchFields, ...pageQuery, ...countQuery }),
      status: 200,
      reply: pageOf(applicationReply),
      errors: [BadCursor, UnservableSearch],
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
      method: 'get',
      path: '/v1/applications/{client_id}/claims/{user_id}',
      summary: 'Preview what an application reads about a user',
      description:
        'Worked out as for a token that is issued now with every scope about people. Needs the scope `users:read` too.',
      tag,
      scope: 'applications:read',
      params: params.extend({ user_id: idShape }),
      status: 200,
      reply: resultOf(claimsReply),
      errors: [ApplicationNotFound, UserNotFound, SignsNobodyIn],
      async handle({ params: { client_id: id, user_id: userId }, actor }) {
        requireScopes(actor, ['users:read']);
        const application = await applications.get(id);
        if (application.type === 'service') throw SignsNobodyIn();
        return { result: await previewClaims(await getPerson(userId), application) };
      },
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
      description: 'The old secret stops working at once. The reply carries the new one, this once.',
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
      description: 'Its grants and tokens go with it.',
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
        findTouches,
      }),
      handle: ({ params: { client_id: id }, actor }) => applications.remove(actor, id),
    }),
  ];
}

function presentWithSecret({ application, secret }: WithSecret) {
  return { ...presentApplication(application), client_secret: secret };
}
