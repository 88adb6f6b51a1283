import { expectFields, expectJson, WrongAnswer } from '../answers.ts';
import type { Operation } from './operation.ts';

interface Key {
  alg?: string;
  d?: string;
}

const jwks: Operation = {
  name: 'jwks',
  about: 'GET /jwks',
  async begin({ http, product }) {
    return async () => {
      const reply = await http.get(product.paths.jwks);
      const { keys } = expectJson(reply);
      // A cast, because only what is compared is read.
      const signing = Array.isArray(keys) ? (keys as Key[]).find(({ alg }) => alg === 'RS256') : undefined;
      if (!signing || 'd' in signing) throw new WrongAnswer('Public keys were expected', reply);
      expectFields(reply, signing, { kty: 'RSA' });
    };
  },
};

const discovery: Operation = {
  name: 'discovery',
  about: 'GET /.well-known/openid-configuration',
  async begin({ http, product }) {
    const issuer = product.issuerOf(http.origin);
    return async () => {
      const reply = await http.get(product.paths.discovery);
      expectFields(reply, expectJson(reply), { issuer, token_endpoint: `${http.origin}${product.paths.token}` });
    };
  },
};

/** Documents that say the same to everybody. */
export const documentOperations: Operation[] = [jwks, discovery];
