/**
 * Owns the authentication of `/v1` requests, from bearer token to actor, and the OpenAPI document with its page.
 * Must not touch: what any endpoint does; the modules contribute `endpoints`.
 */
import type { Room } from '../../module.ts';

export function adminApiRoom({ document }: { document: object }): Room {
  return {
    name: 'admin-api',
    pages: [{ path: '/v1/docs', show: async () => ({ view: 'api-docs', model: { document }, language: 'en' }) }],
  };
}
