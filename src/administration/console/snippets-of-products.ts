import { isPublic, isWord, SCOPE, SCOPES, SECRET, type Snippet, type SnippetOptions } from './snippet.ts';

export function oauth2Proxy({ issuer, clientId, redirectUri, claim }: SnippetOptions): Snippet {
  const callback = '/oauth2/callback';
  // Without it the address is guessed from the request; without https the cookie would never come back.
  const redirect = redirectUri?.endsWith(callback) ? `redirect_url = ${JSON.stringify(redirectUri)}\n` : '';
  const insecure = redirect && redirectUri?.startsWith('http:') ? 'cookie_secure = false\n' : '';
  const text = `provider = "oidc"
provider_display_name = "Cohort"
oidc_issuer_url = "${issuer}"
client_id = "${clientId}"
client_secret = "${SECRET}"
${redirect}${insecure}scope = "${SCOPE}"
code_challenge_method = "S256"
# Read from userinfo if the user is in too many groups for an ID token.
oidc_groups_claim = "${claim}"
# Allows only members of these groups. Without this line, every user can sign in.
# allowed_groups = ["Staff"]
email_domains = ["*"]
# Refreshes the groups. Without this line, they stay as they were at sign-in until the cookie expires, after a week.
cookie_refresh = "5m"
# The session, with the groups, is a cookie, and X-Forwarded-Groups is a header: servers refuse large ones. For users in hundreds of
# groups, limit the groups of this application in the console (Groups claim), or keep sessions in Redis and do not pass the header.
# session_store_type = "redis"
# redis_connection_url = "redis://localhost:6379"
# pass_user_headers = false
# To sign out of Cohort too, link to /oauth2/sign_out?rd=${encodeURIComponent(`${issuer}/session/end`)}
whitelist_domains = ["${new URL(issuer).host}"]
# Create it with: openssl rand -base64 32 | tr -- '+/' '-_'
cookie_secret = "COOKIE_SECRET"
`;
  const file = 'oauth2-proxy.cfg';
  return { name: 'oauth2Proxy', title: 'oauth2-proxy', file, text, callback };
}

export function grafana({ issuer, clientId, claim }: SnippetOptions): Snippet {
  // JMESPath; `[*]` at the end also keeps Grafana from taking the quotes for those of the setting.
  const [path, groups] = isWord(claim) ? [claim, `${claim}[*]`] : [`"${claim}"[*]`, `"${claim}"[*]`];
  const text = `[auth.generic_oauth]
enabled = true
name = Cohort
client_id = ${clientId}
client_secret = ${SECRET}
scopes = ${SCOPE}
auth_url = ${issuer}/auth
token_url = ${issuer}/token
api_url = ${issuer}/me
use_pkce = true
# Users who are disabled or signed out at Cohort lose access within minutes.
use_refresh_token = true
login_attribute_path = preferred_username
# Read from userinfo (api_url) if the user is in too many groups for an ID token.
groups_attribute_path = ${path}
role_attribute_path = contains(${groups}, 'Grafana administrators') && 'Admin' || 'Viewer'
# Allows only members of these groups. Without this line, every user can sign in.
# allowed_groups = ["Staff"]
`;
  return { name: 'grafana', title: 'Grafana', file: 'grafana.ini', text, callback: '/login/generic_oauth' };
}

export function dex({ issuer, clientId, redirectUri, claim }: SnippetOptions): Snippet {
  const mapping = claim === 'groups' ? '' : `\n      claimMapping:\n        groups: ${JSON.stringify(claim)}`;
  const text = `connectors:
  - type: oidc
    id: cohort
    name: Cohort
    config:
      issuer: "${issuer}"
      clientID: "${clientId}"
      clientSecret: "${SECRET}"
      # The issuer of Dex, and /callback.
      redirectURI: ${JSON.stringify(redirectUri ?? 'https://dex.example.com/dex/callback')}
      scopes: [${SCOPES.join(', ')}]
      # Every user has it. Dex refuses users without a name.
      userNameKey: preferred_username
      # Dex passes the groups on to applications that request the scope groups.
      insecureEnableGroups: true
      # Reads the groups from userinfo, also if the user is in too many for an ID token.
      getUserInfo: true${mapping}
`;
  return { name: 'dex', title: 'Dex', file: 'config.yaml', text, callback: '/dex/callback' };
}

export function kubernetes(options: SnippetOptions): Snippet {
  const { issuer, clientId, claim } = options;
  const secret = isPublic(options) ? '' : `\n#         - --oidc-client-secret=${SECRET}`;
  const text = `# For the API server: --authentication-config=authentication.yaml. Before Kubernetes 1.34, write v1beta1.
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
  - issuer:
      url: "${issuer}"
      audiences: ["${clientId}"]
    claimMappings:
      username:
        claim: sub
        prefix: "cohort:"
      groups:
        claim: ${isWord(claim) ? claim : JSON.stringify(claim)}
        prefix: "cohort:"

# The API server fetches the groups of users who are in too many for an ID token: it must be able to reach the issuer at any time.
#
# To grant the group Staff a role: kubectl create clusterrolebinding staff --clusterrole=view --group=cohort:Staff
#
# For users, in their kubeconfig, with the plugin kubelogin. It listens on http://localhost:8000, or on
# http://localhost:18000 if that port is taken: ${isPublic(options) ? 'register one of them' : 'register both'}.
#
# users:
#   - name: cohort
#     user:
#       exec:
#         apiVersion: client.authentication.k8s.io/v1
#         interactiveMode: IfAvailable
#         command: kubectl
#         args:
#         - oidc-login
#         - get-token
#         - --oidc-issuer-url=${issuer}
#         - --oidc-client-id=${clientId}${secret}
#         - --oidc-extra-scope=groups
`;
  return {
    name: 'kubernetes',
    title: 'Kubernetes',
    file: 'authentication.yaml',
    text,
    callback: 'http://localhost:8000',
  };
}

export function apache({ issuer, clientId, redirectUri, claim }: SnippetOptions): Snippet {
  const callback = '/oauth2/callback';
  const redirect = redirectUri ?? `https://app.example.com${callback}`;
  const text = `# After: a2enmod auth_openidc
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${clientId}
OIDCClientSecret ${SECRET}
# An unused URL on this server, inside the protected location.
OIDCRedirectURI ${JSON.stringify(redirect)}
OIDCScope "${SCOPE}"
OIDCPKCEMethod S256
OIDCRemoteUserClaim sub
# Claims come from the ID token and from userinfo, which lists the groups of users who are in too many for an ID token. Sessions are
# kept on the server. Claims are not passed on as headers, because servers refuse those with hundreds of groups.
OIDCPassClaimsAs environment
# Refreshes the groups when the access token expires in less than five minutes, and signs out users who may no longer sign in.
OIDCRefreshAccessTokenBeforeExpiry 300 logout_on_error
# Create it with: openssl rand -hex 32
OIDCCryptoPassphrase COOKIE_SECRET

<Location />
  AuthType openid-connect
  # Allows every user who can sign in. To allow only members of some groups, replace it with:
  # Require claim "${claim}:Staff"
  # Require claim "${claim}:Crew planners"
  Require valid-user
</Location>
`;
  const file = 'auth_openidc.conf';
  return { name: 'apache', title: 'Apache (mod_auth_openidc)', file, text, callback };
}
