import { expectForm } from '../answers.ts';
import type { Product } from './product.ts';

/** The library on its own, with its default paths. */
export const oidcProvider: Product = {
  name: 'oidc-provider',
  paths: {
    authorization: '/auth',
    token: '/token',
    userinfo: '/me',
    introspection: '/token/introspection',
    jwks: '/jwks',
    discovery: '/.well-known/openid-configuration',
  },
  issuerOf: (origin) => origin,
  features: [],
  keepsRefreshTokens: true,
  signInFormIn: (page) => ({ action: expectForm(page, 'login-submit'), usernameField: 'login' }),
};
