import { z } from 'zod';
import { setting } from './setting.ts';
import { onOff, seconds, whole } from './shapes.ts';

/** Lifetimes, what of the protocol is offered, and the keys. */
export const protocolSettings = {
  accessTokenSeconds: setting('COHORT_ACCESS_TOKEN_SECONDS', seconds, '600', 'How long an access token lives.', {
    changeable: true,
  }),
  idTokenSeconds: setting('COHORT_ID_TOKEN_SECONDS', seconds, '3600', 'How long an ID token lives.', {
    changeable: true,
  }),
  codeSeconds: setting('COHORT_CODE_SECONDS', whole(10, 600), '60', 'How long an authorization code lives.'),
  refreshTokenSeconds: setting(
    'COHORT_REFRESH_TOKEN_SECONDS',
    seconds,
    '1209600',
    'How long a refresh token lives without being used.',
    { changeable: true },
  ),
  sessionSeconds: setting(
    'COHORT_SESSION_SECONDS',
    seconds,
    '1209600',
    'How long a sign-in session lives without being used.',
    { changeable: true },
  ),
  interactionSeconds: setting(
    'COHORT_INTERACTION_SECONDS',
    whole(60, 86400),
    '3600',
    'How long a person may take over the sign-in pages.',
  ),

  clientCredentials: setting(
    'COHORT_CLIENT_CREDENTIALS',
    onOff,
    'on',
    'Grant type client_credentials; the admin API needs it.',
  ),
  deviceFlow: setting('COHORT_DEVICE_FLOW', onOff, 'on', 'The device authorization grant (RFC 8628).'),
  pushedRequests: setting('COHORT_PUSHED_REQUESTS', onOff, 'on', 'Pushed authorization requests (RFC 9126).'),
  dpop: setting('COHORT_DPOP', onOff, 'on', 'DPoP-bound tokens (RFC 9449).'),
  requestObjects: setting('COHORT_REQUEST_OBJECTS', onOff, 'on', 'Signed request objects (RFC 9101).'),
  jwtResponses: setting('COHORT_JWT_RESPONSES', onOff, 'on', 'Signed authorization responses (JARM).'),
  introspection: setting('COHORT_INTROSPECTION', onOff, 'on', 'Token introspection (RFC 7662).'),
  revocation: setting('COHORT_REVOCATION', onOff, 'on', 'Token revocation (RFC 7009).'),
  backchannelLogout: setting('COHORT_BACKCHANNEL_LOGOUT', onOff, 'on', 'OpenID Connect back-channel logout.'),
  registration: setting(
    'COHORT_REGISTRATION',
    onOff,
    'on',
    'Dynamic client registration (RFC 7591), behind an initial access token made by `cohort registration-token`.',
  ),
  resources: setting(
    'COHORT_RESOURCES',
    z
      .string()
      .transform((value) => value.split(/\s+/).filter(Boolean))
      .pipe(z.array(z.url({ error: 'must be absolute addresses with spaces between' }))),
    '',
    'APIs that applications may ask access tokens for with `resource` (RFC 8707), absolute addresses with spaces between.',
  ),
  resourceScopes: setting(
    'COHORT_RESOURCE_SCOPES',
    z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E ]*$/, 'must be scopes with spaces between'),
    'api:read api:write',
    'The scopes that those APIs understand.',
  ),
  privateAddresses: setting(
    'COHORT_PRIVATE_ADDRESSES',
    z.enum(['allow', 'refuse', 'auto'], { error: "must be 'allow', 'refuse' or 'auto'" }),
    'auto',
    'Whether jwks_uri, logout and sector addresses may point into private networks; auto allows it when the issuer is a loopback address.',
  ),

  keyRotationDays: setting(
    'COHORT_KEY_ROTATION_DAYS',
    whole(1, 3650),
    '90',
    'Age at which signing and cookie keys are replaced.',
    { changeable: true },
  ),
  keyOverlapDays: setting(
    'COHORT_KEY_OVERLAP_DAYS',
    whole(1, 365),
    '7',
    'How long a replaced key still verifies, and a new one is published before it signs at most.',
    { changeable: true },
  ),
};
