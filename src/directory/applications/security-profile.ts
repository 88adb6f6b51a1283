import type { Fault } from '../../platform/errors.ts';

export const SECURITY_PROFILES = ['fapi2', 'fapi2_message_signing'] as const;

/** FAPI 2.0 Security Profile, section 5.4.1. */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA'];
const METHODS = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];
const SIGNED_RESPONSES = ['jwt', 'query.jwt', 'form_post.jwt', 'fragment.jwt'];

/**
 * What a security profile demands of client metadata: FAPI 2.0 Security Profile, section 5.3, and FAPI 2.0 Message Signing,
 * sections 5.3 to 5.5. `set` is what it demands and the metadata leave open, `faults` is where they contradict it.
 */
export function demandsOfProfile(metadata: Record<string, unknown>): { set: Record<string, unknown>; faults: Fault[] } {
  const { security_profile: profile, token_endpoint_auth_method: method, response_types: responses } = metadata;
  if (profile === undefined) return { set: {}, faults: [] };
  const faults: Fault[] = [];
  const demand = (isMet: boolean, field: string, detail: string) => {
    if (!isMet) faults.push({ pointer: `#/${field}`, detail });
  };
  const oneOf = (field: string, values: readonly string[]) =>
    demand(values.includes(metadata[field] as string), field, `must be ${values.join(' or ')} with FAPI 2.0`);
  oneOf('security_profile', SECURITY_PROFILES);
  oneOf('token_endpoint_auth_method', METHODS);
  demand(
    !Array.isArray(responses) || responses.every((type) => type === 'code'),
    'response_types',
    'must be only code with FAPI 2.0',
  );
  const isSigned = profile === 'fapi2_message_signing';
  const signed = ['authorization_signed_response_alg', 'introspection_signed_response_alg'];
  const algorithms = ['id_token_signed_response_alg', ...(isSigned ? signed : [])];
  for (const field of algorithms) if (metadata[field] !== undefined) oneOf(field, ALGORITHMS);
  const requestAlgorithm = 'request_object_signing_alg';
  if (isSigned && metadata[requestAlgorithm] !== undefined) oneOf(requestAlgorithm, ALGORITHMS);
  const open = algorithms.filter((field) => metadata[field] === undefined);
  return {
    faults,
    set: {
      require_pushed_authorization_requests: true,
      ...(metadata['tls_client_certificate_bound_access_tokens'] ? {} : { dpop_bound_access_tokens: true }),
      ...Object.fromEntries(open.map((field) => [field, 'PS256'])),
      ...(isSigned ? { require_signed_request_object: true, response_modes: SIGNED_RESPONSES } : {}),
      ...(method === undefined ? { token_endpoint_auth_method: 'private_key_jwt' } : {}),
    },
  };
}
