/**
 * Owns the bootstrap of the first owner, and the page at `/`.
 * Must not touch: users and passwords other than through the services it receives.
 */
import type { Module } from '../../module.ts';
import { bootstrapPages } from './bootstrap.pages.ts';
import type { Bootstrap } from './bootstrap.ts';

export function bootstrapModule(deps: { bootstrap: Bootstrap; issuer: string }): Module {
  const { issuer } = deps;
  const home = { issuer, discovery: `${issuer}/.well-known/openid-configuration`, docs: '/v1/docs', signedIn: false };
  return {
    name: 'first-run',
    pages: [...bootstrapPages(deps), { path: '/', show: async () => ({ view: 'home', model: home }) }],
  };
}
