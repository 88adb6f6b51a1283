import { expectForm } from '../answers.ts';
import { openKeycloakDirectory } from '../directories/keycloak.ts';
import type { Product } from './product.ts';

/** Each realm is an issuer of its own. */
export function keycloakOf(realm: string): Product {
  const base = `/realms/${realm}`;
  const protocol = `${base}/protocol/openid-connect`;
  return {
    name: 'Keycloak',
    paths: {
      authorization: `${protocol}/auth`,
      token: `${protocol}/token`,
      userinfo: `${protocol}/userinfo`,
      introspection: `${protocol}/token/introspect`,
      jwks: `${protocol}/certs`,
      discovery: `${base}/.well-known/openid-configuration`,
    },
    issuerOf: (origin) => `${origin}${base}`,
    features: ['groups'],
    openDirectory: (http) => openKeycloakDirectory(http, realm),
    keepsRefreshTokens: false,
    signInFormIn: (page) => ({ action: expectForm(page, 'kc-form-login'), usernameField: 'username' }),
  };
}
