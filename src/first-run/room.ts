/**
 * Owns how a new Cohort gets its first owner, and the page at `/` that tells a visitor where they are.
 * Must not touch: people and passwords other than by the verbs it is lent.
 */
import type { Room } from '../room.ts';
import { firstRunPages } from './first-run.pages.ts';
import type { FirstRun } from './first-run.ts';

export function firstRunRoom(deps: { firstRun: FirstRun; issuer: string }): Room {
  const { issuer } = deps;
  const home = { issuer, discovery: `${issuer}/.well-known/openid-configuration`, docs: '/v1/docs', signedIn: false };
  return {
    name: 'first-run',
    pages: [...firstRunPages(deps), { path: '/', show: async () => ({ view: 'home', model: home }) }],
  };
}
