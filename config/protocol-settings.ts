import { z } from 'zod';
import { setting } from './setting.ts';
import { headerName, httpsOrigin, listOf, oneOf, onOff, seconds, whole } from './shapes.ts';

/** Algorithms (RFC 7518, section 3.1; RFC 8037) that Cohort can sign with; the protocol's default first. */
export const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Response types of OAuth 2.0 Multiple Response Types and OpenID Connect Core, section 3, that applications may be allowed. */
export const RESPONSE_TYPES = [
  'code',
  'id_token',
  'code id_token',
  'id_token token',
  'code token',
  'code id_token token',
] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** Lifetimes, protocol features, keys. */
export const protocolSettings = {
  accessTokenSeconds: setting(
    'COHORT_ACCESS_TOKEN_SECONDS',
    seconds,
    '600',
    'Lifetime of an access token, in seconds.',
    {
      changeable: true,
    },
  ),
  idTokenSeconds: setting('COHORT_ID_TOKEN_SECONDS', seconds, '3600', 'Lifetime of an ID token, in seconds.', {
    changeable: true,
  }),
  codeSeconds: setting(
    'COHORT_AUTHORIZATION_CODE_SECONDS',
    whole(10, 600),
    '60',
    'Lifetime of an authorization code, in seconds.',
  ),
  refreshTokenSeconds: setting(
    'COHORT_REFRESH_TOKEN_SECONDS',
    seconds,
    '1209600',
    'Lifetime of a refresh token that is not used, in seconds.',
    { changeable: true },
  ),
  refreshTokenGraceSeconds: setting(
    'COHORT_REFRESH_TOKEN_GRACE_SECONDS',
    whole(0, 60),
    '10',
    'Time in which a replaced refresh token returns its successor again, in seconds. Later, its use counts as theft. 0 turns this off.',
    { changeable: true },
  ),
  sessionSeconds: setting(
    'COHORT_SESSION_SECONDS',
    seconds,
    '1209600',
    'Lifetime of a session that is not used, in seconds.',
    { changeable: true },
  ),
  interactionSeconds: setting(
    'COHORT_SIGN_IN_TIMEOUT_SECONDS',
    whole(60, 86400),
    '3600',
    'Time to complete a sign-in, in seconds.',
  ),

  responseTypes: setting(
    'COHORT_RESPONSE_TYPES',
    listOf(RESPONSE_TYPES, { separator: ',', required: 'code' }),
    'code',
    'Response types that an application may be allowed. All but `code` hand tokens through the browser: add one only for an application that knows no other.',
  ),
  clientCredentials: setting(
    'COHORT_CLIENT_CREDENTIALS',
    onOff,
    'on',
    'Client credentials grant. The admin API needs it.',
  ),
  deviceFlow: setting('COHORT_DEVICE_FLOW', onOff, 'on', 'Device authorization grant (RFC 8628).'),
  ciba: setting(
    'COHORT_CIBA',
    onOff,
    'on',
    'Sign-in that users approve on another device (OpenID Connect CIBA), for applications that may use it.',
  ),
  pushedRequests: setting('COHORT_PUSHED_REQUESTS', onOff, 'on', 'Pushed authorization requests (RFC 9126).'),
  dpop: setting('COHORT_DPOP', onOff, 'on', 'DPoP-bound tokens (RFC 9449).'),
  requestObjects: setting('COHORT_REQUEST_OBJECTS', onOff, 'on', 'Signed request objects (RFC 9101).'),
  jwtResponses: setting('COHORT_JWT_RESPONSES', onOff, 'on', 'Signed authorization responses (JARM).'),
  introspection: setting('COHORT_INTROSPECTION', onOff, 'on', 'Token introspection (RFC 7662).'),
  jwtIntrospection: setting(
    'COHORT_JWT_INTROSPECTION',
    onOff,
    'on',
    'Signed introspection responses (RFC 9701), for applications that accept them.',
  ),
  revocation: setting('COHORT_REVOCATION', onOff, 'on', 'Token revocation (RFC 7009).'),
  backchannelLogout: setting('COHORT_BACKCHANNEL_LOGOUT', onOff, 'on', 'OpenID Connect Back-Channel Logout.'),
  registration: setting(
    'COHORT_DYNAMIC_CLIENT_REGISTRATION',
    onOff,
    'on',
    'Dynamic client registration (RFC 7591), with an initial access token from `cohort registration-token`.',
  ),
  resources: setting(
    'COHORT_RESOURCES',
    z
      .string()
      .transform((value) => value.split(/\s+/).filter(Boolean))
      .pipe(z.array(z.url({ error: 'must be absolute URLs separated by spaces' })))
      .describe('absolute URLs separated by spaces'),
    '',
    'APIs for which applications may request access tokens with `resource` (RFC 8707).',
  ),
  resourceScopes: setting(
    'COHORT_RESOURCE_SCOPES',
    z
      .string()
      .regex(/^[\x21\x23-\x5B\x5D-\x7E ]*$/, 'must be scopes separated by spaces')
      .describe('scopes separated by spaces'),
    'api:read api:write',
    'Scopes of those APIs.',
  ),
  privateHttpRedirectUris: setting(
    'COHORT_ALLOW_PRIVATE_HTTP_REDIRECT_URIS',
    onOff,
    'off',
    'Whether redirect URIs of web applications may use http with an IP address in a private network (RFC 1918, RFC 4193). Codes are then sent without encryption.',
  ),
  privateAddresses: setting(
    'COHORT_ALLOW_PRIVATE_NETWORK_URLS',
    oneOf('on', 'off', 'auto'),
    'auto',
    'Whether URLs that Cohort calls (jwks_uri, back-channel logout, sector identifier) may point into private networks. `auto` allows it if the issuer is on loopback.',
  ),

  clientCertificateHeader: setting(
    'COHORT_CLIENT_CERTIFICATE_HEADER',
    headerName.optional(),
    undefined,
    'Header in which the trusted proxy passes on the certificate of an application that uses mutual TLS (RFC 8705): as `Client-Cert` (RFC 9440), or as PEM with percent-encoding. The proxy must overwrite what a client sends in it.',
  ),
  clientCertificateVerifiedHeader: setting(
    'COHORT_CLIENT_CERTIFICATE_VERIFIED_HEADER',
    headerName.optional(),
    undefined,
    'Header in which the trusted proxy says `SUCCESS` if an authority that it trusts has signed the certificate. Required for `tls_client_auth`.',
  ),
  clientCertificateOrigin: setting(
    'COHORT_CLIENT_CERTIFICATE_ORIGIN',
    httpsOrigin.optional(),
    undefined,
    'Second host of this Cohort, whose proxy asks for certificates. Applications that use mutual TLS find it in the discovery document (`mtls_endpoint_aliases`). Default: they use the host of the issuer.',
  ),
  signingAlgorithms: setting(
    'COHORT_SIGNING_ALGORITHMS',
    listOf(SIGNING_ALGORITHMS, { separator: ' ', required: 'RS256' }),
    'RS256 PS256 ES256',
    'Algorithms that tokens can be signed with, each with keys of its own. Some applications fail to read key sets that contain EdDSA keys.',
  ),
  keyRotationDays: setting(
    'COHORT_KEY_ROTATION_DAYS',
    whole(1, 3650),
    '90',
    'Days until signing and cookie keys are rotated.',
    { changeable: true },
  ),
  keyOverlapDays: setting(
    'COHORT_KEY_OVERLAP_DAYS',
    whole(1, 365),
    '7',
    'Days for which a rotated key still verifies, and a new one is published before it signs.',
    { changeable: true },
  ),
};
