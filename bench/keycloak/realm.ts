import {
  adminApiOf,
  application,
  claims,
  crowd,
  CROWDED_GROUP,
  PASSWORD,
  people,
  publicApplication,
  SERVICE_SCOPE,
  service,
  type RelyingParty,
} from '../sample.ts';

/** A client that may manage users and groups; at Cohort, the service may. */
export const administrator = { id: 'bench-administrator', secret: 'bench-administrator-secret' };

/** What the other servers hold, as Keycloak imports it. */
export function realmOf(name: string, origin: string) {
  return {
    realm: name,
    enabled: true,
    sslRequired: 'none',
    defaultSignatureAlgorithm: 'RS256',
    accessTokenLifespan: 600,
    // Keycloak revokes used refresh tokens for all clients of a realm or for none.
    revokeRefreshToken: false,
    roles: { client: { [application.id]: claims.roles.map((role) => ({ name: role })) } },
    groups: groups(),
    users: [...people.map(userOf), ...crowd.map(crowdUserOf), serviceAccount()],
    clients: [clientOf(application), clientOf(publicApplication), serviceClient(origin), administratorClient()],
  };
}

/** As in the demo, whose pilots are pilots and whose staff are employees. */
function groups() {
  const [pilots, staff] = claims.groups;
  const [employee, pilot] = claims.roles;
  return [
    { name: pilots, clientRoles: { [application.id]: [pilot] } },
    { name: staff, clientRoles: { [application.id]: [employee] } },
    { name: CROWDED_GROUP },
  ];
}

function userOf(username: string) {
  return {
    ...profileOf(username, 'Ada', 'Lovelace'),
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    groups: claims.groups.map((group) => `/${group}`),
  };
}

function crowdUserOf(username: string) {
  return { ...profileOf(username, 'Grace', 'Hopper'), groups: [`/${CROWDED_GROUP}`] };
}

function profileOf(username: string, firstName: string, lastName: string) {
  return { username, email: username, emailVerified: true, enabled: true, firstName, lastName };
}

/** The user that the administrator's program is. */
function serviceAccount() {
  return {
    username: `service-account-${administrator.id}`,
    enabled: true,
    serviceAccountClientId: administrator.id,
    clientRoles: { 'realm-management': ['realm-admin'] },
  };
}

function clientOf({ id, secret, redirectUri }: RelyingParty) {
  return {
    clientId: id,
    ...(secret === undefined ? { publicClient: true } : { secret }),
    redirectUris: [redirectUri],
    consentRequired: false,
    directAccessGrantsEnabled: false,
    attributes: { 'pkce.code.challenge.method': 'S256' },
    protocolMappers: [
      mapper('groups', 'oidc-group-membership-mapper', { ...inTokens('groups'), 'full.path': 'false' }),
      mapper('roles', 'oidc-usermodel-client-role-mapper', {
        ...inTokens('roles'),
        multivalued: 'true',
        'jsonType.label': 'String',
        'usermodel.clientRoleMapping.clientId': application.id,
      }),
      // Introspection calls tokens for others inactive.
      audience({ 'included.client.audience': id }),
    ],
  };
}

function serviceClient(origin: string) {
  return {
    clientId: service.id,
    secret: service.secret,
    standardFlowEnabled: false,
    serviceAccountsEnabled: true,
    // Otherwise the audience and the scope say more than those of the other servers.
    fullScopeAllowed: false,
    defaultClientScopes: ['basic', 'service_account'],
    protocolMappers: [audience({ 'included.custom.audience': adminApiOf(origin) })],
  };
}

function administratorClient() {
  const { id, secret } = administrator;
  return { clientId: id, secret, standardFlowEnabled: false, serviceAccountsEnabled: true };
}

function audience(of: Record<string, string>) {
  return mapper('audience', 'oidc-audience-mapper', { ...of, 'access.token.claim': 'true' });
}

function mapper(name: string, protocolMapper: string, config: Record<string, string>) {
  return { name, protocol: 'openid-connect', protocolMapper, config };
}

/** Where the other servers have groups and roles too. */
const inTokens = (claim: string) => ({
  'claim.name': claim,
  'id.token.claim': 'true',
  'userinfo.token.claim': 'true',
  'access.token.claim': 'false',
});

/** Scopes that requests name; what is told is up to the mappers of the clients. */
export const REQUESTED_SCOPES = ['groups', SERVICE_SCOPE];
