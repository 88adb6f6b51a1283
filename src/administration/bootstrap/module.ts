/**
 * Owns the bootstrap of the first owner, and the page at `/`.
 * Must not touch: users and passwords other than through the services it receives.
 */
import type { Room } from '../../module.ts';
import { firstRunPages } from './bootstrap.pages.ts';
import type { FirstRun } from './bootstrap.ts';

export function firstRunRoom(deps: { firstRun: FirstRun; issuer: string }): Room {
  const { issuer } = deps;
  const home = { issuer, discovery: `${issuer}/.well-known/openid-configuration`, docs: '/v1/docs', signedIn: false };
  return {
    name: 'first-run',
    pages: [...firstRunPages(deps), { path: '/', show: async () => ({ view: 'home', model: home }) }],
  };
}
