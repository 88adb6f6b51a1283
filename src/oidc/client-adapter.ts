import { errors, type Adapter } from 'oidc-provider';
import { InvalidApplication } from '../applications/application.ts';
import type { Applications } from '../applications/applications.ts';
import { isError } from '../base/errors.ts';

/** Clients are applications: read from there, and written there by dynamic registration (RFC 7591, 7592). */
export function clientAdapter(
  applications: Pick<Applications, 'clientMetadata' | 'register' | 'forgetRegistered'>,
): Adapter {
  const never = async () => undefined;
  return {
    find: async (id) => await applications.clientMetadata(id),
    async upsert(id, payload) {
      try {
        await applications.register({ ...payload, client_id: id });
      } catch (error) {
        if (!isError(error, InvalidApplication)) throw error;
        throw new errors.InvalidRedirectUri(error.message);
      }
    },
    destroy: (id) => applications.forgetRegistered(id),
    findByUid: never,
    findByUserCode: never,
    consume: never,
    revokeByGrantId: never,
  };
}
