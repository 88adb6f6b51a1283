import { errors, type Adapter } from 'oidc-provider';
import { InvalidApplication } from '../../directory/applications/application.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { InsufficientScope } from '../../platform/actor.ts';
import { isError } from '../../platform/errors.ts';

/** Clients are applications: read from there, and written there by dynamic registration (RFC 7591, 7592). */
export function clientAdapter(
  applications: Pick<Applications, 'clientMetadata' | 'register' | 'forgetRegistered'>,
): Adapter {
  const never = async () => undefined;
  return {
    async find(id) {
      const metadata = await applications.clientMetadata(id);
      return metadata && { ...metadata };
    },
    async upsert(id, payload) {
      try {
        await applications.register({ ...payload, client_id: id });
      } catch (error) {
        if (isError(error, InsufficientScope)) throw managedByAdministrators();
        if (!isError(error, InvalidApplication)) throw error;
        const isAddress = error.faults.some(({ pointer = '' }) => pointer.includes('redirect_uris'));
        throw isAddress
          ? new errors.InvalidRedirectUri(error.message)
          : new errors.InvalidClientMetadata(error.message);
      }
    },
    async destroy(id) {
      try {
        await applications.forgetRegistered(id);
      } catch (error) {
        throw isError(error, InsufficientScope) ? managedByAdministrators() : error;
      }
    },
    findByUid: never,
    findByUserCode: never,
    consume: never,
    revokeByGrantId: never,
  };
}

/** One that an administrator has given scopes of the admin API, which its registration token must not hand on. */
const managedByAdministrators = () => new errors.AccessDenied('this client is managed by administrators');
