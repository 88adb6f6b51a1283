import { calculateJwkThumbprint, exportJWK, importPKCS8, type JWK } from 'jose';
import { makeCertificate } from '../support/certificate.ts';

/** A key of an application with a certificate for it, in the forms that the suite and Cohort want. */
export interface ClientKey {
  /** With the private part, for the suite. */
  privateJwk: JWK;
  publicJwk: JWK;
  certificate: string;
  key: string;
}

/** An RSA key, so that the suite can also try RS256, which FAPI 2.0 forbids, with a self-signed certificate in `x5c`. */
export async function makeClientKey(name: string): Promise<ClientKey> {
  const { certificate, key } = makeCertificate(`/CN=${name}`, `DNS:${name}`, 'rsa');
  const jwk = await exportJWK(await importPKCS8(key, 'PS256', { extractable: true }));
  const about = {
    alg: 'PS256',
    use: 'sig',
    kid: await calculateJwkThumbprint(jwk),
    x5c: [certificate.replace(/-----[A-Z ]+-----|\s/g, '')],
  };
  const { kty, n, e } = jwk;
  return { privateJwk: { ...jwk, ...about }, publicJwk: { kty: kty!, n: n!, e: e!, ...about }, certificate, key };
}
