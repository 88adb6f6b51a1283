/**
 * Owns how a new Cohort gets its first owner, and the page at `/` that tells a visitor where they are.
 * Must not touch: people and passwords other than by the verbs it is lent.
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
