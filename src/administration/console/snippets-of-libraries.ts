import { isPublic, isWord, SCOPE, SCOPES, SECRET, type Snippet, type SnippetOptions } from './snippet.ts';

/** The claim as a part of a pattern, under the name `groups`. */
function asGroups({ claim }: SnippetOptions): string {
  if (claim === 'groups') return claim;
  return isWord(claim) ? `${claim}: groups` : `'${claim}': groups`;
}

function discovery(options: SnippetOptions): string {
  const { issuer, clientId } = options;
  const authentication = isPublic(options) ? 'client.None()' : `client.ClientSecretBasic('${SECRET}')`;
  const insecure = issuer.startsWith('http:') ? `, {\n  execute: [client.allowInsecureRequests],\n}` : '';
  return `import * as client from 'openid-client';

const issuer = new URL('${issuer}');
const config = await client.discovery(issuer, '${clientId}', undefined, ${authentication}${insecure});
`;
}

export function openidClient(options: SnippetOptions): Snippet {
  const { redirectUri = 'https://app.example.com/callback' } = options;
  const text = `${discovery(options)}
// Keep the verifier in the user's browser session, and redirect the user to the URL.
const verifier = client.randomPKCECodeVerifier();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: ${JSON.stringify(redirectUri)},
  scope: '${SCOPE}',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});

// When the user returns:
export async function signedIn(currentUrl: URL) {
  const tokens = await client.authorizationCodeGrant(config, currentUrl, {
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const { sub } = tokens.claims()!;
  // Userinfo lists all groups. The ID token does not if the user is in too many.
  const { ${asGroups(options)}, ...user } = await client.fetchUserInfo(config, tokens.access_token, sub);
  return { ...user, groups };
}
`;
  return { name: 'openidClient', title: 'openid-client', file: 'sign-in.ts', text };
}

export function openidClientOfService(options: SnippetOptions): Snippet {
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

export function authJs(options: SnippetOptions): Snippet {
  const { issuer, clientId, claim } = options;
  const member = isWord(claim) ? `.${claim}` : `['${claim}']`;
  const optional = isWord(claim) ? `?.${claim}` : `?.['${claim}']`;
  const text = `// next-auth 5 (npm install next-auth@beta); create AUTH_SECRET with: npx auth secret
import NextAuth from 'next-auth';

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
      // The ID token has no name or email, and does not list the groups of users who are in too many. Userinfo has all of it.
      idToken: false,
      profile: ({ sub, name, email, picture, ${asGroups(options)} }) => ({ id: sub, name, email, image: picture, groups }),
    },
  ],
  callbacks: {
    // Allows only members of this group. Without this line, every user can sign in.
    // signIn: ({ profile }) => (profile${optional} as string[]).includes('Staff'),
    // The groups are read at sign-in, so the session lasts an hour. The next sign-in is silent while the user has a session at Cohort.
    // The session is a cookie, and servers refuse large ones. For users in hundreds of groups, limit the groups of this application
    // in the console (Groups claim), or keep only those that you check.
    jwt: ({ token, profile }) => {
      if (profile) return { ...token, groups: profile${member}, until: Date.now() + 3_600_000 };
      return Date.now() < Number(token.until) ? token : null;
    },
    session: ({ session, token }) => ({ ...session, user: { ...session.user, groups: token.groups } }),
  },
});
`;
  return { name: 'authJs', title: 'Auth.js', file: 'auth.ts', text, callback: '/api/auth/callback/cohort' };
}

export function spring({ issuer, clientId, claim }: SnippetOptions): Snippet {
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

# In a configuration class. It maps the group Staff to the authority GROUP_Staff, for hasAuthority("GROUP_Staff"):
#
# @Bean
# GrantedAuthoritiesMapper groups() {
#   return (given) -> {
#     Set<GrantedAuthority> all = new HashSet<>(given);
#     for (GrantedAuthority each : given) {
#       // The attributes are those of the ID token and of userinfo, which lists the groups of users who are in too many for a token.
#       if (each instanceof OidcUserAuthority user && user.getAttributes().get("${claim}") instanceof Collection<?> groups)
#         groups.forEach((name) -> all.add(new SimpleGrantedAuthority("GROUP_" + name)));
#     }
#     return all;
#   };
# }
#
# To sign users out of Cohort too, register the URL of the application as a post-logout redirect URI:
#
# @Bean
# SecurityFilterChain chain(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
#   var signOut = new OidcClientInitiatedLogoutSuccessHandler(clients);
#   signOut.setPostLogoutRedirectUri("{baseUrl}");
#   return http
#     .authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
#     .oauth2Login(Customizer.withDefaults())
#     .logout((logout) -> logout.logoutSuccessHandler(signOut))
#     .build();
# }
#
# Spring Boot 4 uses PKCE by default. Spring Boot 3 needs this bean:
#
# @Bean
# OAuth2AuthorizationRequestResolver pkce(ClientRegistrationRepository clients) {
#   var resolver = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
#   resolver.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
#   return resolver;
# }
`;
  const callback = '/login/oauth2/code/cohort';
  return { name: 'spring', title: 'Spring', file: 'application.yaml', text, callback };
}
