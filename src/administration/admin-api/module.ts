/**
 * Owns the admin API: from bearer token to actor, calls over HTTP and from the console, the OpenAPI document and its page.
 * Must not touch: what any endpoint does; the modules contribute `endpoints`.
 */
import type { JWTVerifyGetKey } from 'jose';
import type { Module, Platform } from '../../directory/module.ts';
import { createApi } from '../../platform/http/api.ts';
import { createCalls, type Calls } from '../../platform/http/calls.ts';
import { version } from '../../platform/version.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { createAnswerMemory } from './answers.mongo.ts';
import { createGuard } from './guard.ts';
import { toOpenApi } from './openapi.ts';
import { createRateLimit } from './rate-limit.mongo.ts';
import { apiDocsViewModels } from './api-docs.views.ts';

export interface AdminApiModuleOptions {
  verificationKey: JWTVerifyGetKey;
  applications: Pick<Applications, 'find'>;
}

export interface AdminApi {
  /** The calls of `/v1` for pages in this process. */
  calls: Pick<Calls, 'callsOf'>;
  /** The OpenAPI document. */
  document(): object;
}

export function createAdminApiModule(
  { config, connection, transact, encryption, now, hooks, contributions }: Platform,
  { verificationKey, applications }: AdminApiModuleOptions,
): { service: AdminApi; module: Module } {
  const { issuer } = config;
  const document = once(() =>
    toOpenApi({ endpoints: contributions.endpoints, issuer, version, scopes: contributions.scopes }),
  );
  const calls = once(() =>
    createCalls({
      endpoints: contributions.endpoints,
      preconditions: { transact, isRequired: config.requireIfMatch },
      cursors: {
        encrypt: (cursor) => encryption.encrypt('cursor', cursor),
        decrypt: (encrypted) => encryption.decrypt('cursor', encrypted),
      },
      access: hooks.access,
    }),
  );
  const edge = {
    guard: createGuard({
      issuer,
      audience: `${issuer}/v1`,
      verificationKey,
      findApplication: applications.find,
    }),
    rateLimit: createRateLimit(connection, config.apiRequestsPerMinute),
    answers: createAnswerMemory(connection, { encryption, transact, now }),
  };
  return {
    service: {
      calls: { callsOf: (actor) => calls().callsOf(actor) },
      document,
    },
    module: {
      name: 'admin-api',
      viewModels: apiDocsViewModels,
      pages: [
        {
          path: '/v1/docs',
          show: async () => ({ view: 'api-docs', model: { document: document() }, language: 'en' }),
        },
      ],
      routes: (onDefect) => createApi({ endpoints: contributions.endpoints, document, calls: calls(), edge, onDefect }),
    },
  };
}

/** Made when it is first asked for, because it is made of what all modules contribute. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
