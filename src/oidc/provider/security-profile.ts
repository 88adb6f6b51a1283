import { errors, type Configuration } from 'oidc-provider';
import { demandsOfProfile } from '../../directory/applications/security-profile.ts';

/** Client metadata of ours. A security profile sets what it demands and the rest leaves open. */
export const extraClientMetadata: NonNullable<Configuration['extraClientMetadata']> = {
  properties: ['require_pkce', 'security_profile', 'shared_signals'],
  validator(_ctx, name, value, metadata) {
    if (name !== 'security_profile' || value === undefined) return;
    const { set, faults } = demandsOfProfile(metadata);
    const [fault] = faults;
    if (fault) throw new errors.InvalidClientMetadata(`${fault.pointer?.slice(2)} ${fault.detail}`);
    Object.assign(metadata, set);
  },
};

/** Which rules of FAPI the provider holds a client to. */
export const fapi = {
  enabled: true,
  profile: (_ctx: unknown, client?: Record<string, unknown>) => (client?.['security_profile'] ? '2.0' : undefined),
} as const;
