import { isPublic, isWord, SCOPE, SECRET, type Snippet, type SnippetOptions } from './snippet.ts';

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
oidc_groups_claim = "${claim}"
# Only members of these groups are let in; without this line, everybody who can sign in.
# allowed_groups = ["Staff"]
email_domains = ["*"]
# How old the groups may be; without this line, those of the sign-in hold for as long as the cookie, a week.
cookie_refresh = "5m"
# Made by: openssl rand -base64 32 | tr -- '+/' '-_'
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
# Who is disabled or signed out here is out there too, within minutes.
use_refresh_token = true
login_attribute_path = preferred_username
groups_attribute_path = ${path}
role_attribute_path = contains(${groups}, 'Grafana administrators') && 'Admin' || 'Viewer'
# Only members of these groups are let in; without this line, everybody who can sign in.
# allowed_groups = ["Staff"]
`;
  return { name: 'grafana', title: 'Grafana', file: 'grafana.ini', text, callback: '/login/generic_oauth' };
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

# To give the group Staff something: kubectl create clusterrolebinding staff --clusterrole=view --group=cohort:Staff
#
# For people, in their kubeconfig, with the plugin kubelogin. It waits at http://localhost:8000, or at
# http://localhost:18000 when that is taken: ${isPublic(options) ? 'register one of them' : 'register both'}.
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
  const text = `# Behind: a2enmod auth_openidc
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${clientId}
OIDCClientSecret ${SECRET}
# An address on this server that nothing else answers, inside of what is protected.
OIDCRedirectURI ${JSON.stringify(redirect)}
OIDCScope "${SCOPE}"
OIDCPKCEMethod S256
OIDCRemoteUserClaim sub
# The groups are read anew when the access token has less than five minutes left; who may not sign in any more is out then.
OIDCRefreshAccessTokenBeforeExpiry 300 logout_on_error
# Made by: openssl rand -hex 32
OIDCCryptoPassphrase COOKIE_SECRET

<Location />
  AuthType openid-connect
  # Everybody who can sign in. In its place, for members of one of these groups only:
  # Require claim "${claim}:Staff"
  # Require claim "${claim}:Crew planners"
  Require valid-user
</Location>
`;
  const file = 'auth_openidc.conf';
  return { name: 'apache', title: 'Apache (mod_auth_openidc)', file, text, callback };
}
