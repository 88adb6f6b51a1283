import type { Directory } from '../directories/directory.ts';
import type { Http, Reply } from '../http.ts';

/** What only some products can be asked for. */
export type Feature = 'groups' | 'etags' | 'many-groups';

export interface Paths {
  authorization: string;
  token: string;
  userinfo: string;
  introspection: string;
  jwks: string;
  discovery: string;
}

/** The form of a sign-in page: where it is sent, and the name of the field with the username. */
export interface SignInForm {
  action: string;
  usernameField: string;
}

/** An implementation of OpenID Connect: what a client has to know of it besides the specifications. */
export interface Product {
  name: string;
  paths: Paths;
  issuerOf(origin: string): string;
  features: readonly Feature[];
  /** With the feature `groups`. */
  openDirectory?(http: Http): Promise<Directory>;
  /** Whether a client with a secret keeps its refresh token; without this, each use brings another one. */
  keepsRefreshTokens: boolean;
  /** @throws WrongAnswer when the reply is no sign-in page */
  signInFormIn(page: Reply): SignInForm;
}

/** A product where it runs. */
export interface Site {
  http: Http;
  product: Product;
}
