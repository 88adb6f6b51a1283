import type { ApplicationType } from '../applications/application.ts';

export interface SnippetOptions {
  issuer: string;
  clientId: string;
  type: ApplicationType;
  /** The first of the application's addresses, where it has one. */
  redirectUri?: string | undefined;
  /** Of a service, what it may ask for. */
  scopes: string[];
}

/** Settings of one piece of software, to be pasted. */
export interface Snippet {
  /** Its texts are `consoleApplication.snippets.<name>`. */
  name: string;
  /** What it is called; the same in every language. */
  title: string;
  /** The file that they belong in. */
  file: string;
  text: string;
  /** Where that software wants people sent back to, after its own address. */
  callback?: string;
}

/** Stands where the secret goes, which nobody can look up. */
export const SECRET = 'CLIENT_SECRET';
const SCOPES = ['openid', 'profile', 'email', 'groups'];
const SCOPE = SCOPES.join(' ');

const makers: Record<ApplicationType, ((options: SnippetOptions) => Snippet)[]> = {
  web: [openidClient, authJs, spring, oauth2Proxy, grafana, kubernetes],
  spa: [openidClient],
  native: [openidClient, kubernetes],
  service: [openidClientOfService],
};

/** The settings for an application of this type, with its issuer and client id in them. */
export const snippetsFor = (options: SnippetOptions): Snippet[] => makers[options.type].map((make) => make(options));

const isPublic = ({ type }: SnippetOptions) => type === 'spa' || type === 'native';

function discovery(options: SnippetOptions): string {
  const { issuer, clientId } = options;
  const authentication = isPublic(options) ? 'client.None()' : `client.ClientSecretBasic('${SECRET}')`;
  const insecure = issuer.startsWith('http:') ? `, {\n  execute: [client.allowInsecureRequests],\n}` : '';
  return `import * as client from 'openid-client';

const issuer = new URL('${issuer}');
const config = await client.discovery(issuer, '${clientId}', undefined, ${authentication}${insecure});
`;
}

function openidClient(options: SnippetOptions): Snippet {
  const { redirectUri = 'https://app.example.com/callback' } = options;
  const text = `${discovery(options)}
// Keep the verifier for the person who signs in, and send them to the address.
const verifier = client.randomPKCECodeVerifier();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: ${JSON.stringify(redirectUri)},
  scope: '${SCOPE}',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});

// When they are back:
export async function signedIn(currentUrl: URL) {
  const tokens = await client.authorizationCodeGrant(config, currentUrl, {
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const { sub, groups } = tokens.claims()!;
  return { ...(await client.fetchUserInfo(config, tokens.access_token, sub)), groups };
}
`;
  return { name: 'openidClient', title: 'openid-client', file: 'sign-in.ts', text };
}

function openidClientOfService(options: SnippetOptions): Snippet {
  const text = `${discovery(options)}
const { access_token } = await client.clientCredentialsGrant(config, {
  scope: '${options.scopes.join(' ')}',
});
const reply = await fetch('${options.issuer}/v1/groups', {
  headers: { authorization: \`Bearer \${access_token}\` },
});
`;
  return { name: 'openidClientOfService', title: 'openid-client', file: 'service.ts', text };
}

function authJs({ issuer, clientId }: SnippetOptions): Snippet {
  const text = `import NextAuth from 'next-auth';

export const { handlers, auth, signIn, signOut } = NextAuth({
  providers: [
    {
      id: 'cohort',
      name: 'Cohort',
      type: 'oidc',
      issuer: '${issuer}',
      clientId: '${clientId}',
      clientSecret: '${SECRET}',
      authorization: { params: { scope: '${SCOPE}' } },
      // The ID token has no name and no address; userinfo has everything.
      idToken: false,
      profile: ({ sub, name, email, picture, groups }) => ({ id: sub, name, email, image: picture, groups }),
    },
  ],
  callbacks: {
    jwt: ({ token, profile }) => (profile ? { ...token, groups: profile.groups } : token),
    session: ({ session, token }) => ({ ...session, user: { ...session.user, groups: token.groups } }),
  },
});
`;
  return { name: 'authJs', title: 'Auth.js', file: 'auth.ts', text, callback: '/api/auth/callback/cohort' };
}

function spring({ issuer, clientId }: SnippetOptions): Snippet {
  const text = `spring:
  security:
    oauth2:
      client:
        registration:
          cohort:
            client-id: "${clientId}"
            client-secret: "${SECRET}"
            authorization-grant-type: authorization_code
            redirect-uri: "{baseUrl}/login/oauth2/code/{registrationId}"
            scope: ${SCOPES.join(', ')}
        provider:
          cohort:
            issuer-uri: "${issuer}"
            user-name-attribute: sub

# In a configuration class, so that the group Staff is the authority GROUP_Staff:
#
# @Bean
# GrantedAuthoritiesMapper groups() {
#   return (given) -> {
#     Set<GrantedAuthority> all = new HashSet<>(given);
#     for (GrantedAuthority each : given) {
#       if (!(each instanceof OidcUserAuthority person)) continue;
#       List<String> groups = person.getIdToken().getClaimAsStringList("groups");
#       if (groups != null) groups.forEach((name) -> all.add(new SimpleGrantedAuthority("GROUP_" + name)));
#     }
#     return all;
#   };
# }
`;
  const callback = '/login/oauth2/code/cohort';
  return { name: 'spring', title: 'Spring', file: 'application.yaml', text, callback };
}

function oauth2Proxy({ issuer, clientId }: SnippetOptions): Snippet {
  const text = `provider = "oidc"
provider_display_name = "Cohort"
oidc_issuer_url = "${issuer}"
client_id = "${clientId}"
client_secret = "${SECRET}"
scope = "${SCOPE}"
code_challenge_method = "S256"
oidc_groups_claim = "groups"
# Only members of these groups are let in; without this line, everybody who can sign in.
# allowed_groups = ["Staff"]
email_domains = ["*"]
# Made by: openssl rand -base64 32 | tr -- '+/' '-_'
cookie_secret = "COOKIE_SECRET"
`;
  const file = 'oauth2-proxy.cfg';
  return { name: 'oauth2Proxy', title: 'oauth2-proxy', file, text, callback: '/oauth2/callback' };
}

function grafana({ issuer, clientId }: SnippetOptions): Snippet {
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
login_attribute_path = preferred_username
groups_attribute_path = groups
role_attribute_path = contains(groups[*], 'Grafana administrators') && 'Admin' || 'Viewer'
`;
  return { name: 'grafana', title: 'Grafana', file: 'grafana.ini', text, callback: '/login/generic_oauth' };
}

function kubernetes(options: SnippetOptions): Snippet {
  const { issuer, clientId } = options;
  const secret = isPublic(options) ? '' : `\n#         - --oidc-client-secret=${SECRET}`;
  const text = `# For the API server: --authentication-config=authentication.yaml
apiVersion: apiserver.config.k8s.io/v1beta1
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
        claim: groups
        prefix: "cohort:"

# For people, in their kubeconfig, with the plugin kubelogin:
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
