/** Where the applications of a plan come from: they register themselves, or the script creates them. */
type Clients = 'registered' | 'fapi2' | 'fapi2_message_signing';

export interface Plan {
  /** Its name for the suite. */
  planName: string;
  variant: Record<string, string>;
  clients: Clients;
}

const BY_REGISTRATION = { server_metadata: 'discovery', client_registration: 'dynamic_client' };
const WITH_CODE = { client_registration: 'dynamic_client', response_type: 'code' };

const certification = (name: string, variant: Record<string, string> = BY_REGISTRATION): Plan => ({
  planName: `oidcc-${name}-certification-test-plan`,
  variant,
  clients: 'registered',
});

const fapi = (method: string, constraint: string): Plan => ({
  planName: 'fapi2-security-profile-final-test-plan',
  variant: {
    fapi_profile: 'plain_fapi',
    openid: 'openid_connect',
    client_auth_type: method,
    sender_constrain: constraint,
  },
  clients: 'fapi2',
});

const signed = (method: string, constraint: string): Plan => ({
  planName: 'fapi2-message-signing-final-test-plan',
  variant: {
    ...fapi(method, constraint).variant,
    fapi_request_method: 'signed_non_repudiation',
    fapi_response_mode: 'jarm',
  },
  clients: 'fapi2_message_signing',
});

/** The plans of the suite that concern Cohort, by the names that the command line takes. */
export const PLANS: Record<string, Plan> = {
  config: certification('config', {}),
  basic: certification('basic'),
  'form-post': certification('formpost-basic'),
  dynamic: certification('dynamic', { response_type: 'code' }),
  implicit: certification('implicit'),
  hybrid: certification('hybrid'),
  'rp-initiated-logout': certification('rp-initiated-logout', WITH_CODE),
  'back-channel-logout': certification('backchannel-rp-initiated-logout', WITH_CODE),
  'third-party-login': certification('3rdparty-init-login', { response_type: 'code' }),
  'fapi2-key-dpop': fapi('private_key_jwt', 'dpop'),
  'fapi2-key-mtls': fapi('private_key_jwt', 'mtls'),
  'fapi2-mtls-dpop': fapi('mtls', 'dpop'),
  'fapi2-mtls-mtls': fapi('mtls', 'mtls'),
  'fapi2-signed-key-dpop': signed('private_key_jwt', 'dpop'),
  'fapi2-signed-mtls-mtls': signed('mtls', 'mtls'),
};
