/**
 * Owns the bootstrap of the first owner, and the page at `/`.
 * Must not touch: users and passwords other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../../authentication/credentials/credentials.ts';
import { createSetupLinkStore } from './bootstrap.mongo.ts';
import { bootstrapPages } from './bootstrap.pages.ts';
import { createBootstrap, type Bootstrap } from './bootstrap.ts';
import { bootstrapViewModels } from './bootstrap.views.ts';

export interface BootstrapModuleOptions {
  users: Users;
  credentials: Credentials;
}

export function createBootstrapModule(
  { config, connection, transact, now }: Platform,
  { users, credentials }: BootstrapModuleOptions,
): { service: Bootstrap; module: Module } {
  const { issuer } = config;
  const bootstrap = createBootstrap({
    links: createSetupLinkStore(connection),
    users,
    countAdministrators: () => users.count({ kind: 'administrator' }),
    credentials,
    transact,
    now,
    issuer,
  });
  const home = { issuer, discovery: `${issuer}/.well-known/openid-configuration`, docs: '/v1/docs', signedIn: false };
  return {
    service: bootstrap,
    module: {
      name: 'first-run',
      viewModels: bootstrapViewModels,
      pages: [
        ...bootstrapPages({ bootstrap, issuer }),
        { path: '/', show: async () => ({ view: 'home', model: home }) },
      ],
    },
  };
}
